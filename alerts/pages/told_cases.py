"""What became of what a patient told: her alerts since a day, what she had said, and the answer as it was told to her."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.models import Alert, Flag
from alerts.pages.receipts import outcome_words
from alerts.words.answers import Told, told, units_of
from clinic.models import Patient
from diary.answers import Units
from diary.catalogue import CatalogueView, current_catalogue
from diary.summary import ToldCase


def cases_since(patient: Patient, since: datetime) -> list[ToldCase]:
    """The newest first: what was opened or added to since then, was answered since then, or waits still. Two queries and the
    catalogue's."""
    lately = Q(last_flag_at__gte=since) | Q(resolved_at__gte=since) | Q(resolved_at__isnull=True)
    alerts = list(Alert.objects.filter(lately, patient=patient, is_drill=False).order_by('-opened_at'))
    flags: dict[int, list[Flag]] = defaultdict(list)
    for flag in (
        Flag.objects.filter(alert__in=alerts).select_related('evaluation__revision').order_by('raised_at', 'pk')
    ):
        assert flag.alert_id is not None  # asked for by its alert
        flags[flag.alert_id].append(flag)
    catalogue, units = current_catalogue(), units_of(patient)
    return [_case(alert, flags[alert.pk], catalogue, units) for alert in alerts]


def _case(alert: Alert, flags: list[Flag], catalogue: CatalogueView, units: Units) -> ToldCase:
    standing = [flag for flag in flags if flag.withdrawn_at is None] or flags
    said = _worst(_met(flag, catalogue, units) for flag in standing)
    answer, at = _answer(alert)
    return ToldCase(alert.tier, alert.opened_at, tuple(str(each) for each in said), answer, at)


def _met(flag: Flag, catalogue: CatalogueView, units: Units) -> list[Told]:
    """What met the rule; all that the entry says where the flag does not name it."""
    said = told(flag.evaluation.revision.document, catalogue, units)
    return [each for each in said if each.code in flag.symptoms] or said


def _worst(documents: Iterable[list[Told]]) -> list[Told]:
    """What was reported, each symptom at its worst; of equals, and of what has no level, the latest."""
    found: dict[str, Told] = {}
    for said in documents:
        for each in said:
            known = found.get(each.code)
            if each.reported and (known is None or (each.level or 0) >= (known.level or 0)):
                found[each.code] = each
    return list(found.values())


def _answer(alert: Alert) -> tuple[str, datetime | None]:
    if alert.resolved_at is not None:
        return outcome_words()[alert.outcome], alert.resolved_at
    if alert.contacted_at is not None:
        return _('Your team spoke with you'), alert.contacted_at
    if alert.acknowledged_at is not None:
        return _('Seen by your team'), alert.acknowledged_at
    return _('No answer yet'), None
