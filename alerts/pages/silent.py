"""The page of silent patients: who has not written, which rule says so in words, and what was tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.engine.rules import MissedRule
from alerts.models import Silence, SilenceWhy
from alerts.queries.silences import last_documents, missed_rules, rules_of, silent_patients
from alerts.words.answers import staff_units, told
from clinic.models import Clinic, Consent
from clinic.queries_consent import stopped_in
from diary.catalogue import current_catalogue
from diary.felt import worst_of
from diary.queries import Where, where_many

STOPPED_DAYS = 30
EVERY_DAY = 60  # hours: two missed gaps of a day and a bit


@dataclass(frozen=True)
class SilentRow:
    """One silent patient. `last` is what the last entry told of worst, empty where it was long ago or told of nothing."""

    silence: Silence
    where: Where
    last: str
    worst: int
    why: str
    is_late: bool


@dataclass(frozen=True)
class Stopped:
    """A patient who stopped the diary in the last weeks: nothing is asked of her, so nobody waits for her words. Phone."""

    consent: Consent
    where: Where


@dataclass(frozen=True)
class SilentPage:
    """`judged` is False while no published rule looks for silence; then an empty list says nothing."""

    rows: tuple[SilentRow, ...]
    judged: bool
    stopped: tuple[Stopped, ...] = ()


def silent_page(clinic: Clinic, *, now: datetime) -> SilentPage:
    """Nine queries, however many are silent or have stopped."""
    rules = missed_rules(rules_of(clinic))
    return SilentPage(tuple(silent_rows(clinic, rules, now=now)), bool(rules), tuple(stopped_rows(clinic, now=now)))


def stopped_rows(clinic: Clinic, *, now: datetime) -> list[Stopped]:
    """Who stopped within `STOPPED_DAYS`, the latest first; after that the patient's own page says it."""
    found = [each for each in stopped_in(clinic) if now - each.at <= timedelta(days=STOPPED_DAYS)]
    where = where_many([each.patient for each in found], now) if found else {}
    return [Stopped(each, where[each.patient_id]) for each in found]


def silent_rows(clinic: Clinic, rules: Sequence[MissedRule], *, now: datetime) -> list[SilentRow]:
    silences = silent_patients(clinic)
    patients = [each.patient for each in silences]
    where = where_many(patients, now) if patients else {}
    last = last_words(silences, clinic, now=now)
    limits = {rule.id: rule.hours_otherwise for rule in rules}
    return [
        SilentRow(
            each,
            where[each.patient_id],
            *last.get(each.patient_id, ('', 0)),
            why_words(each, None if each.why == SilenceWhy.CAR_T else limits.get(each.rule)),
            now > each.due_by,
        )
        for each in silences
    ]


def last_words(silences: Sequence[Silence], clinic: Clinic, *, now: datetime) -> dict[int, tuple[str, int]]:
    """Each patient's worst answer of the last entry in words, such as “tiredness severe”, and its severity; one query."""
    documents = last_documents([each.patient_id for each in silences], now=now) if silences else {}
    catalogue, units = current_catalogue(), staff_units(clinic)
    found = {}
    for patient, (_at, document) in documents.items():
        worst = worst_of(document)
        said = (one.brief for one in told(document, catalogue, units) if worst and one.level == worst)
        found[patient] = (next(said, ''), worst)
    return found


def why_words(silence: Silence, usual: int | None) -> str:
    """Which rule says so, and why as soon as that. `usual` is the rule's own limit in hours, where it is still published."""
    limit = silence.limit_hours
    hours = ngettext('%(n)d hour', '%(n)d hours', limit) % {'n': limit}
    if usual and usual != limit:
        hours = _('%(hours)s (the rule alone: %(usual)d)') % {'hours': hours, 'usual': usual}
    habit = _('every day') if silence.limit_hours <= EVERY_DAY else _('every other day')
    return {
        SilenceWhy.USUAL: _('Rule %(rule)s: no entry for %(hours)s.'),
        SilenceWhy.CAR_T: _('Rule %(rule)s: no entry for %(hours)s in the first 30 days after CAR T-cells.'),
        SilenceWhy.SEVERE: _('Rule %(rule)s: no entry for %(hours)s, because the last one told of something severe.'),
        SilenceWhy.PATTERN: _('Rule %(rule)s: no entry for %(hours)s; this patient usually writes %(habit)s.'),
    }[SilenceWhy(silence.why)] % {'rule': silence.rule, 'hours': hours, 'habit': habit}
