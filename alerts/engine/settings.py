"""What a patient's doses, contexts and baselines say about one instant."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import timedelta

from alerts.engine.catalogue import Catalogue
from alerts.engine.errors import FactError
from alerts.engine.facts import LONG_AGO, NEVER, PatientFacts, instant
from alerts.engine.local_days import local_day
from alerts.engine.numbers import Exact, exact
from alerts.engine.sentences import Sentence
from alerts.engine.spot import quoted

Span = tuple[timedelta, timedelta]


class Setting:
    """FactError for a therapy, context or baseline that the catalogue does not know."""

    def __init__(self, patient: PatientFacts, catalogue: Catalogue) -> None:
        self.zone = patient.time_zone
        self.baseline = _baseline(patient, catalogue)
        self._doses = sorted(instant(dose.given_at, 'dose') for dose in patient.doses)
        self.given = _known_therapies(patient, catalogue)
        self._days = {code: _dose_days(patient, code) for code in self.given}
        self.has_contexts = bool(patient.contexts)
        self._spans = {code: list(_spans(patient, code)) for code in _known_contexts(patient, catalogue)}

    def doses_around(self, at: timedelta) -> tuple[timedelta, timedelta]:
        """The latest dose given at or before the instant, and the first after it; LONG_AGO and NEVER where there is none."""
        found = bisect_right(self._doses, at)
        return self._doses[found - 1] if found else LONG_AGO, self._doses[found] if found < len(self._doses) else NEVER

    def since_dose(self, at: timedelta) -> timedelta | None:
        latest, _ = self.doses_around(at)
        return None if latest is LONG_AGO else at - latest

    def therapy_day(self, therapy: str, at: timedelta, day: int) -> int | None:
        """Local calendar days since the latest dose of the class; the day of the dose is 0."""
        doses = self._days.get(therapy)
        if not doses:
            return None
        found = bisect_right(doses[0], at)
        return day - doses[1][found - 1] if found else None

    def holds(self, context: str, at: timedelta) -> bool:
        spans = self._spans.get(context)
        return spans is not None and any(first <= at <= last for first, last in spans)


def _known_therapies(patient: PatientFacts, catalogue: Catalogue) -> set[str]:
    used = {dose.therapy for dose in patient.doses}
    if found := _unknown(used, catalogue.therapies):
        raise FactError('patient', Sentence('unknown therapy {found}', found=found))
    return used


def _known_contexts(patient: PatientFacts, catalogue: Catalogue) -> set[str]:
    used = {span.context for span in patient.contexts}
    if found := _unknown(used, catalogue.contexts):
        raise FactError('patient', Sentence('unknown context {found}', found=found))
    return used


def _unknown(used: Iterable[str], known: Iterable[str]) -> str:
    """The first one that is not known, as an error shows it; empty where each is."""
    found = set(used).difference(known)
    return quoted(min(found)) if found else ''


def _baseline(patient: PatientFacts, catalogue: Catalogue) -> dict[str, Exact]:
    if found := _unknown(patient.baseline, catalogue.baselines):
        raise FactError('patient', Sentence('unknown baseline {found}', found=found))
    return {name: exact(value) for name, value in patient.baseline.items()}


def _dose_days(patient: PatientFacts, therapy: str) -> tuple[list[timedelta], list[int]]:
    given = sorted((instant(dose.given_at, 'dose'), dose.given_at) for dose in patient.doses if dose.therapy == therapy)
    return [at for at, _ in given], [local_day(moment, patient.time_zone) for _, moment in given]


def _spans(patient: PatientFacts, context: str) -> Iterable[Span]:
    for span in patient.contexts:
        if span.context == context:
            first = LONG_AGO if span.start is None else instant(span.start, 'context')
            yield first, NEVER if span.end is None else instant(span.end, 'context')
