"""What the shift of the demo leaves to the next one: silent patients, a planned pause, a visit, somebody to call back."""

from datetime import datetime, time, timedelta

from alerts.models import Alert, AlertState, Silence
from alerts.services.silences import reached, sweep_silences, tried
from alerts.services.working import note_contact
from clinic.models import Patient, User
from clinic.services.demo import DemoPeople
from config.demo.cast import places
from diary.models import PauseReason
from diary.queries import where_now
from diary.services.pauses import plan_pause
from diary.services.visits import plan_visit

STILL_SILENT = 3  # of each clinic; somebody has reached the others
FOUND = timedelta(hours=5)
SAID = 'Is well, and had forgotten the diary. Will write tonight.'


def leave_behind(people: DemoPeople, *, until: datetime) -> None:
    """After the story has been played: by the same services, in a fixed order."""
    sweep_silences(now=until - FOUND)
    for place in places(people):
        nurse = place.nurses[0].user
        running = Silence.objects.filter(clinic=place.clinic, ended_at=None).order_by('patient__record_number')
        for number, silence in enumerate(running):
            if number >= STILL_SILENT:
                reached(silence=silence, by=nurse, now=until - FOUND / 2, note=SAID)
            elif number == 0:
                tried(silence=silence, by=nurse, now=until - FOUND / 3)
    sweep_silences(now=until)
    _pause(people, until)
    _call_back(people, until)
    _visit(people, until)


def _visit(people: DemoPeople, until: datetime) -> None:
    """Ana comes for her next dose."""
    place = where_now(people.ana, until).place
    if place is not None and place.next_dose is not None:
        what, at = 'Blood test and infusion', time(9, 30)
        plan_visit(patient=people.ana, on=place.next_dose, at=at, what=what, by=people.rosa.user, now=until)


def _pause(people: DemoPeople, until: datetime) -> None:
    """The last made-up patient of Riverside goes to hospital for some days; Ana keeps her story."""
    quiet = Patient.objects.filter(clinic=people.riverside, is_synthetic=True).exclude(
        pk__in=[people.ana.pk, people.ben.pk]
    )
    patient = quiet.order_by('record_number').last()
    if patient is not None:
        first = until.astimezone(patient.zone).date() + timedelta(days=2)
        plan_pause(
            patient=patient,
            from_on=first,
            until_on=first + timedelta(days=3),
            reason=PauseReason.HOSPITAL,
            by=people.rosa.user,
            now=until,
        )


def _call_back(people: DemoPeople, until: datetime) -> None:
    """Somebody whom a nurse has in hand is phoned again in the afternoon."""
    held = Alert.objects.filter(clinic=people.riverside, state__in=[AlertState.ACKNOWLEDGED, AlertState.CONTACTED])
    alert = held.order_by('tier_rank', 'opened_at').first()
    if alert is not None:
        note_contact(
            alert=alert,
            by=_owner(alert),
            now=until,
            reached=True,
            note='Drinks enough and rests. We look again later today.',
            call_back_at=until + timedelta(hours=3),
        )


def _owner(alert: Alert) -> User:
    assert alert.owner is not None  # somebody has it in hand
    return alert.owner
