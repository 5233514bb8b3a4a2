"""What `asking.py` asks of the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from clinic.models import Patient
from diary.asking import SOON, Heard, Known
from diary.catalogue import CatalogueView, SymptomSpec
from diary.documents import level_now
from diary.felt import felt
from diary.legible import UNREADABLE
from diary.models import Context, Revision
from diary.queries import Where, current_revisions, planned_cycles
from diary.queries_entries import LOOKS_BACK
from diary.timeline import Phase

SIGNS = (
    'respiratory',
    'skin',
    'circulatory',
)  # kinds of allergic signs, the most dangerous first; “other” is common anyway
AROUND = timedelta(days=1)


def last_entries(patient: Patient, *, before: datetime) -> list[Revision]:
    """What counts of the entries about the 168 hours up to `before`, oldest first; the last is the rule language's previous one."""
    return list(current_revisions(patient, since=before - LOOKS_BACK, until=before))


def known_of(
    patient: Patient,
    revisions: Sequence[Revision],
    *,
    where: Where,
    offered: Mapping[str, SymptomSpec],
    checks: Collection[str],
    catalogue: CatalogueView,
    at: datetime,
) -> Known:
    """What a new entry about `at` asks from, `revisions` being the entries before it. Two queries."""
    return Known(
        {code: spec.group for code, spec in offered.items()},
        [heard(each, catalogue) for each in revisions],
        checks=checks,
        usual=where.therapy.usual_symptoms if where.therapy else (),
        contexts=contexts_at(patient, at),
        signs=signs_of(offered) if _soon_after_a_dose(where) else (),
        cycle=last_cycle(patient, where, today=at.astimezone(patient.zone).date(), catalogue=catalogue),
    )


def heard(revision: Revision, catalogue: CatalogueView) -> Heard:
    """One entry, its severities on the scales of now, in the catalogue's order: PostgreSQL keeps none."""
    found = {each.spec.code: each.level for each in felt(revision.document, catalogue)}
    levels = {code: _level(code, found[code], revision, catalogue) for code in catalogue.symptoms if code in found}
    return Heard(revision.entry.day, levels)


def checks_due(offered: Mapping[str, SymptomSpec], revisions: Iterable[Revision], *, day: date) -> list[str]:
    """The checks of a treatment's first weeks that the entries of that day have not answered."""
    done = {code for each in revisions if each.entry.day == day for code in each.document.get('answers', {})}
    return [code for code, spec in offered.items() if spec.only_for and code not in done]


def contexts_at(patient: Patient, at: datetime) -> set[str]:
    """The codes of what holds for a patient at that time."""
    begun = Context.objects.filter(patient=patient, from_at__lte=at)
    return set(begun.exclude(until_at__lt=at).values_list('code', flat=True))


def signs_of(offered: Mapping[str, SymptomSpec]) -> list[str]:
    """The signs of an allergic reaction that are asked apart from everyday ones."""
    signs = [(SIGNS.index(spec.allergic), code) for code, spec in offered.items() if spec.allergic in SIGNS]
    return [code for _, code in sorted(signs, key=lambda sign: sign[0])]


def last_cycle(patient: Patient, where: Where, *, today: date, catalogue: CatalogueView) -> list[str]:
    """What was reported around this day of the cycle before, the worst first."""
    day = _same_day_before(where, today)
    if day is None:
        return []
    entries = current_revisions(patient).filter(entry__day__range=(day - AROUND, day + AROUND))
    worst: dict[str, int] = {}
    for each in entries:
        for code, level in heard(each, catalogue).levels.items():
            worst[code] = max(level, worst.get(code, 0))
    return sorted(worst, key=lambda code: -worst[code])


def _same_day_before(where: Where, today: date) -> date | None:
    spot = where.place
    if where.course is None or spot is None or spot.phase is not Phase.CYCLE or spot.cycle is None or spot.day is None:
        return None
    before = next((each for each in planned_cycles(where.course) if each.number == spot.cycle - 1), None)
    if before is None:
        return None
    day = before.starts_on + timedelta(spot.day - 1)
    return day if day in before else None


def _soon_after_a_dose(where: Where) -> bool:
    since = where.place.days_since_dose if where.place else None
    return since is not None and since <= SOON


def _level(code: str, level: int | None, revision: Revision, catalogue: CatalogueView) -> int:
    """On the scale of now; what has none, or one that is given up, as 1: it was there."""
    if level is None:
        return 1
    try:
        return level_now(code, revision.document, catalogue) or 1
    except UNREADABLE:
        return level or 1
