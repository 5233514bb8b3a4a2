"""Who has not written: what the sweep must know of everybody at once, and what the nurses' page shows.

All patients of a clinic cost the same few queries. What grows with a diary's history (all its entries, its answers) is read only
of those whose newest entry is older than the shortest limit.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from alerts.engine import RuleSet as Rules
from alerts.engine.rules import MissedRule
from alerts.engine.silence import DAY_HOURS, Known, Pause
from alerts.models import Silence, SilenceEnd, SilenceWhy
from alerts.people.promise import ALERTING
from alerts.programs import compiled
from alerts.queries.rules.in_force import published_rule_set
from clinic.models import Caregiver, Clinic, Invitation, Patient
from clinic.queries_consent import TOOK_BACK, said_of_anyone
from diary.felt import worst_of
from diary.models import DiaryPause, Dose, Entry, Revision, TreatmentCourse
from diary.timeline import diary_runs_until

DANGER = (SilenceWhy.CAR_T, SilenceWhy.SEVERE, SilenceWhy.PATTERN, SilenceWhy.USUAL)  # the most endangered first
PATTERN_FROM = timedelta(days=60)  # further back nothing is read for somebody's habit


@dataclass(frozen=True)
class Course:
    """When a patient's treatment began and, where it did, ended; `doses` is the last dose of each therapy class."""

    began: datetime
    ended_on: date | None
    doses: Mapping[str, datetime]


def rules_of(clinic: Clinic) -> Rules | None:
    """The published rules that a clinic lives by; None where nothing is published. One query."""
    rule_set = published_rule_set(clinic.pk)
    return compiled(rule_set).rules if rule_set else None


def missed_rules(rules: Rules | None) -> list[MissedRule]:
    """The rules about silence for which somebody must look; a rule of another tier asks for nobody."""
    return [rule for rule in rules.missed.values() if rule.tier in ALERTING] if rules else []


def shortest_hours(rules: Collection[MissedRule]) -> int:
    """Nobody who wrote within so many hours can be silent."""
    return min(min(rule.hours_car_t_day_0_to_30, rule.hours_otherwise, DAY_HOURS) for rule in rules)


# -- what the sweep knows ------------------------------------------------------------------------------------------------------


def writers(clinic: Clinic, *, now: datetime, only: Patient | None = None) -> QuerySet[Any]:
    """Patients in whose diary somebody can write, and who have not stopped it.

    Each with `newest` (what their newest entry is about) and `joined_at`."""
    caring = Caregiver.objects.filter(patient=OuterRef('pk'), can_write=True, starts_at__lte=now, user__is_active=True)
    caring = caring.filter(Q(ends_at=None) | Q(ends_at__gt=now))
    newest = Entry.objects.filter(patient=OuterRef('pk')).order_by('-about_at').values('about_at')[:1]
    accepted = Invitation.objects.filter(patient=OuterRef('pk'), used_at__isnull=False).order_by('used_at')
    # Who never said anything (nobody asked her, she does not sign in) is expected to be written about as well.
    asked = Patient.objects.annotate(said=said_of_anyone()).filter(Q(said=None) | Q(said__gt=TOOK_BACK))
    patients = asked.filter(clinic=clinic, is_drill=False)
    if only is not None:
        patients = patients.filter(pk=only.pk)
    patients = patients.filter(Q(user__is_active=True) | Exists(caring))
    joined = Coalesce(Subquery(accepted.values('used_at')[:1]), 'created_at')
    return patients.annotate(newest=Subquery(newest), joined_at=joined)


def known_of(patients: Collection[Any], clinic: Clinic, *, now: datetime) -> dict[int, Known]:
    """What engine/silence.py asks, of each of these `writers`, by primary key: seven queries however many they are."""
    written, worst, courses = _written(patients, now=now), _worst(patients, now=now), _courses(patients)
    pauses, reached = _pauses(patients), _reached(patients)
    found = {}
    for patient in patients:
        course, wrote = courses.get(patient.pk), written.get(patient.pk) or [at for at in (patient.newest,) if at]
        found[patient.pk] = Known(
            zone=patient.zone,
            asked_from=_asked_from(course, wrote, patient.joined_at),
            asked_until=_asked_until(course, clinic.follow_up_months),
            wrote=wrote,
            reached_at=reached.get(patient.pk),
            worst=worst.get(patient.pk),
            doses=course.doses if course else {},
            pauses=pauses.get(patient.pk, ()),
        )
    return found


def _asked_from(course: Course | None, wrote: Sequence[datetime], joined_at: datetime) -> datetime | None:
    """Since treatment began; of somebody who has never written not before she could."""
    if course is None or wrote:
        return course.began if course else None
    return max(course.began, joined_at)


def _asked_until(course: Course | None, months: int) -> date | None:
    return diary_runs_until(course.ended_on, months) if course and course.ended_on else None


def _written(patients: Collection[Any], *, now: datetime) -> dict[int, list[datetime]]:
    """When entries and corrections came, oldest first. What counts is when she wrote, not the day that she wrote about."""
    rows = Revision.objects.filter(entry__patient__in=patients, entry__about_at__gte=now - PATTERN_FROM)
    found: dict[int, list[datetime]] = defaultdict(list)
    for patient, at in rows.order_by('received_at').values_list('entry__patient', 'received_at'):
        found[patient].append(at)
    return found


def _worst(patients: Collection[Any], *, now: datetime) -> dict[int, int]:
    """The worst severity that each patient's last entry tells of."""
    documents = last_documents([patient.pk for patient in patients], now=now)
    return {patient: worst_of(document) for patient, (_, document) in documents.items()}


def last_documents(patients: Collection[int], *, now: datetime) -> dict[int, tuple[datetime, dict[str, Any]]]:
    """What each patient's latest entry of the last weeks is about, and what counts of it now, by primary key. One query."""
    rows = Revision.objects.filter(
        entry__patient__in=patients, entry__about_at__gte=now - PATTERN_FROM, number=F('entry__current_number')
    )
    rows = rows.order_by('entry__patient', '-entry__about_at', '-entry_id').distinct('entry__patient')
    return {
        patient: (at, document)
        for patient, at, document in rows.values_list('entry__patient', 'entry__about_at', 'document')
    }


def _courses(patients: Collection[Any]) -> dict[int, Course]:
    zones = {patient.pk: patient.zone for patient in patients}
    doses = _doses(patients)
    found = {}
    courses = TreatmentCourse.objects.filter(patient__in=patients)
    spans = courses.values_list('patient').annotate(
        Min('starts_on'), last_day=Max(Coalesce('stopped_on', 'cycles__ends_on'))
    )
    for patient, begins, ends in spans.order_by():
        zone, given = zones[patient], doses.get(patient, {})
        first = min((each for each, _ in given.values()), default=None)
        begun = datetime.combine(begins, time.min, zone).astimezone(UTC)
        last = max((each for _, each in given.values()), default=None)
        found[patient] = Course(
            began=min(begun, first) if first else begun,
            ended_on=last.astimezone(zone).date() if last else ends,
            doses={therapy: each for therapy, (_, each) in given.items()},
        )
    return found


def _doses(patients: Collection[Any]) -> dict[int, dict[str, tuple[datetime, datetime]]]:
    """The first and the last dose by patient and therapy class."""
    doses = Dose.objects.filter(course__patient__in=patients).order_by()
    rows = doses.values_list('course__patient', 'course__therapy__code').annotate(Min('given_at'), Max('given_at'))
    found: dict[int, dict[str, tuple[datetime, datetime]]] = defaultdict(dict)
    for patient, therapy, first, last in rows:
        found[patient][therapy] = (first, last)
    return found


def _pauses(patients: Collection[Any]) -> dict[int, list[Pause]]:
    found: dict[int, list[Pause]] = defaultdict(list)
    for patient, first, last in DiaryPause.objects.filter(patient__in=patients).values_list(
        'patient', 'from_on', 'until_on'
    ):
        found[patient].append((first, last))
    return found


def _reached(patients: Collection[Any]) -> dict[int, datetime]:
    rows = Silence.objects.filter(patient__in=patients, ended_how=SilenceEnd.REACHED)
    return dict(rows.values_list('patient').annotate(Max('ended_at')).order_by())


# -- what the nurses see -------------------------------------------------------------------------------------------------------


def running(clinic: Clinic) -> QuerySet[Silence]:
    """The silences that run, the most endangered patients first, then the longest owed.

    Whoever has written since (the sweep comes within a minute) is not in it.
    """
    wrote = Entry.objects.filter(patient=OuterRef('patient'), about_at__gt=OuterRef('found_at'))
    silences = Silence.objects.filter(clinic=clinic, ended_at=None, patient__is_drill=False)
    danger = Case(*(When(why=why, then=place) for place, why in enumerate(DANGER)), default=len(DANGER))
    return silences.exclude(Exists(wrote)).order_by(danger, 'due_by', 'since', 'pk')


def silent_count(clinic: Clinic) -> int:
    """How many patients are silent now."""
    return running(clinic).count()


def silent_patients(clinic: Clinic) -> Sequence[Silence]:
    silences = running(clinic).select_related('patient__clinic', 'patient__primary_nurse__user', 'tried_by')
    return list(silences)
