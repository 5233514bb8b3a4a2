"""What the page “Is Vigil well?” shows: the checks that concern a clinic, and its last drills link by link."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.drills import LINKS, DrillState, last_drills, latest_drill
from alerts.models import Check, Heartbeat
from alerts.services import watching
from alerts.services.watching import Health
from alerts.words.times import moment_words
from alerts.words.watch import BREAKS, CheckWords, check_words, sweep_words
from alerts.words.watch import LINKS as LINK_WORDS
from clinic.dates import date_format
from clinic.models import Clinic


@dataclass(frozen=True)
class WatchPage:
    """`checks` are those of all clinics and of this one, the red first. `looked` is when the auditor last looked, in words."""

    health: Health
    checks: tuple[CheckWords, ...]
    looked: str
    stopped: tuple[str, ...]
    outside: bool

    @property
    def red(self) -> int:
        return sum(not check.ok for check in self.checks)

    @property
    def is_well(self) -> bool:
        return not self.stopped and not self.red


@dataclass(frozen=True)
class LinkMark:
    """One link of a drill: when it held, or that it broke, or that it was never tried for; `state` is ok, broken, wait or none."""

    name: str
    state: str
    words: str


@dataclass(frozen=True)
class DrillRow:
    """One drill; `words` says in one line how it went."""

    state: DrillState
    when: str
    words: str
    links: tuple[LinkMark, ...]

    @property
    def is_running(self) -> bool:
        return self.state.is_running

    @property
    def mark(self) -> str:
        return 'broken' if self.state.broken else 'wait' if self.is_running else 'ok'


def page_of(clinic: Clinic, *, now: datetime) -> WatchPage:
    """Five queries."""
    own = Check.objects.filter(Q(name__endswith=f':{clinic.pk}') | ~Q(name__contains=':'))
    drilled = latest_drill(clinic) is not None
    words = [check_words(check, now=now, zone=clinic.zone) for check in own.order_by('name')]
    checks = [one if drilled or one.name != 'drill' or not one.ok else _no_drill(one) for one in words]
    looked = Heartbeat.objects.filter(name=watching.AUDIT).values_list('at', flat=True).first()
    health = watching.health(now=now)
    return WatchPage(
        health,
        tuple(sorted(checks, key=lambda check: check.ok)),
        moment_words(looked, now=now, zone=clinic.zone) if looked else '',
        tuple(sweep_words(name) for name in health.stopped),
        bool(settings.DEADMAN_URL),
    )


def _no_drill(check: CheckWords) -> CheckWords:
    return replace(check, title=_('No fire drill yet'), since='', is_known=False)


def drill_rows(clinic: Clinic, *, now: datetime) -> list[DrillRow]:
    return [_row(state, clinic.zone, now=now) for state in last_drills(clinic, now=now)]


def _row(state: DrillState, zone: ZoneInfo, *, now: datetime) -> DrillRow:
    when = date_format(state.drill.started_at.astimezone(zone), 'D j M, G:i')
    return DrillRow(state, when, _words(state), tuple(_mark(state, link, zone) for link in LINKS))


def _words(state: DrillState) -> str:
    if state.broken:
        return str(BREAKS[state.broken])
    if state.is_running:
        return _('Under way')
    return _('Arrived after %(time)s') % {'time': _seconds(_after(state, 'sent'))}


def _mark(state: DrillState, link: str, zone: ZoneInfo) -> LinkMark:
    name, at = str(LINK_WORDS[link]), state.times[link]
    if state.broken == link:
        return LinkMark(name, 'broken', _('too late') if at else _('not in time'))
    if at is None:
        return LinkMark(name, 'wait' if state.is_running else 'none', '…' if state.is_running else '–')
    return LinkMark(name, 'ok', _short(_after(state, link)))


def _after(state: DrillState, link: str) -> timedelta:
    at = state.times[link]
    assert at is not None  # asked only of a link that held
    return max(at - state.drill.started_at, timedelta())


def _short(time: timedelta) -> str:
    """For a narrow column: “4 s”."""
    n = round(time.total_seconds())
    return _('%(n)s s') % {'n': n} if n else _('under 1 s')


def _seconds(time: timedelta) -> str:
    """Such as “less than a second” or “4 seconds”: a message to a person, not a measurement."""
    n = round(time.total_seconds())
    return ngettext('%(n)s second', '%(n)s seconds', n) % {'n': n} if n else _('less than a second')
