"""What `due.py` asks of the database."""

from datetime import date, datetime, timedelta

from django.db.models import Max, Min
from django.db.models.functions import Coalesce

from clinic.models import ConsentAct, Patient
from clinic.queries_consent import latest_of
from diary.catalogue import current_catalogue
from diary.due import MOST_MISSED, Diary
from diary.felt import was_hard
from diary.models import Dose, TreatmentCourse
from diary.queries import current_revisions
from diary.queries_asking import checks_due
from diary.queries_entries import offered_to
from diary.timeline import diary_runs_until


def diary_of(patient: Patient, *, now: datetime) -> Diary:
    """Eight queries, seven where no treatment has checks of its own. `now` says which day is today."""
    today = now.astimezone(patient.zone).date()
    first, last = _runs(patient)
    catalogue = current_catalogue()
    recent = current_revisions(patient, since=now - timedelta(days=2), until=now)
    of_today = [each for each in recent if each.entry.day == today]
    newest = of_today[-1] if of_today else None
    return Diary(
        zone=patient.zone,
        runs_from=first,
        runs_until=last,
        pauses=list(patient.diary_pauses.values_list('from_on', 'until_on')),
        days=set(
            patient.entries.filter(day__gte=today - timedelta(days=MOST_MISSED + 1)).values_list('day', flat=True)
        ),
        latest=newest.received_at if newest else None,
        hard=newest is not None and was_hard(newest.document, catalogue),
        check=bool(checks_due(offered_to(patient, catalogue, at=now), of_today, day=today)),
    )


def _runs(patient: Patient) -> tuple[date | None, date | None]:
    """From the first day of treatment until months after the last dose, or the last planned day where none was given.

    Not at all where she has stopped the diary."""
    said = latest_of(patient)
    if said is not None and said.act == ConsentAct.WITHDRAWN:
        return None, None
    courses = TreatmentCourse.objects.filter(patient=patient).aggregate(
        first=Min('starts_on'), last=Max(Coalesce('stopped_on', 'cycles__ends_on'))
    )
    given = Dose.objects.filter(course__patient=patient).aggregate(first=Min('given_at'), last=Max('given_at'))
    if courses['first'] is None:
        return None, None
    began, last = courses['first'], courses['last']
    if given['first'] is not None:
        began = min(began, given['first'].astimezone(patient.zone).date())
        last = given['last'].astimezone(patient.zone).date()
    return began, diary_runs_until(last, patient.clinic.follow_up_months) if last else None
