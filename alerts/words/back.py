"""Why an alert is on the list again, in a word or two."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState, SnoozeEnd

CAME_BACK = (
    AlertEventKind.RAISED,
    AlertEventKind.REOPENED,
    AlertEventKind.RETURNED,
    AlertEventKind.WOKEN,
    AlertEventKind.UNDONE,
)


def back_words(alerts: Collection[Alert]) -> dict[int, str]:
    """By the primary key of each reopened alert: “nothing happened for 60 minutes”. One query, or none."""
    reopened = [alert.pk for alert in alerts if alert.state == AlertState.REOPENED]
    if not reopened:
        return {}
    events = (
        AlertEvent.objects.filter(alert__in=reopened, kind__in=CAME_BACK).order_by('alert', '-pk').distinct('alert')
    )
    return {alert: _words(kind, detail) for alert, kind, detail in events.values_list('alert', 'kind', 'detail')}


def _words(kind: str, detail: dict[str, Any]) -> str:
    if kind == AlertEventKind.RETURNED:
        return _('the agreed call is due') if 'call_back_at' in detail else _for_so_long(detail['after'])
    if kind == AlertEventKind.WOKEN and detail.get('snooze') == SnoozeEnd.CALL:
        return _('the agreed call is due')
    return {
        AlertEventKind.WOKEN: _('no longer hidden'),
        AlertEventKind.UNDONE: _('opened again'),
    }.get(AlertEventKind(kind), _('something new'))


def _for_so_long(minutes: int) -> str:
    if minutes >= 120 and minutes % 60 == 0:
        return ngettext('nothing happened for %(n)d hour', 'nothing happened for %(n)d hours', minutes // 60) % {
            'n': minutes // 60
        }
    return ngettext('nothing happened for %(n)d min', 'nothing happened for %(n)d min', minutes) % {'n': minutes}
