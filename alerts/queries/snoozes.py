"""Named questions about snoozes: what is hidden right now, and of whom."""

from dataclasses import dataclass

from django.db.models import QuerySet

from alerts.expectations import expected_words
from alerts.models import Alert, AlertState, Line, Snooze
from alerts.queries.cases import unresolved
from alerts.words.answers import staff_units
from clinic.models import Clinic, Patient
from diary.catalogue import current_catalogue


@dataclass(frozen=True)
class Hidden:
    """One running snooze. `what` is what fired, `expected` the levels up to which it is no news, in words."""

    snooze: Snooze
    what: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Under:
    """A same-day alert that the list shows only as a number on the red alert of the same patient."""

    alert: Alert
    red: Alert


def running(clinic: Clinic) -> QuerySet[Snooze]:
    """Every snooze of a clinic that runs, the soonest end first. Served by the partial index snooze_running."""
    return Snooze.objects.filter(clinic=clinic, ended_at=None, alert__is_drill=False).order_by('until', 'pk')


def hidden_now(clinic: Clinic) -> list[Hidden]:
    """What the page "Hidden right now" shows; three queries, however many."""
    catalogue, units = current_catalogue(), staff_units(clinic)
    snoozes = running(clinic).select_related('alert', 'patient', 'by')
    return [Hidden(snooze, snooze.alert.summary, tuple(expected_words(snooze, catalogue, units))) for snooze in snoozes]


def under_red(clinic: Clinic) -> list[Under]:
    """The same-day alerts of patients who have a red one, too: they stand behind it. Snoozed ones are told as snoozes."""
    alerts = unresolved(clinic)
    reds = {alert.patient_id: alert for alert in alerts.filter(line=Line.RED)}
    ambers = alerts.filter(line=Line.AMBER, patient__in=reds).exclude(state=AlertState.SNOOZED)
    return [Under(alert, reds[alert.patient_id]) for alert in ambers.select_related('patient').order_by('opened_at')]


def snooze_of(alert: Alert) -> Snooze | None:
    """The running snooze of an alert, with who made it."""
    return Snooze.objects.filter(alert=alert, ended_at=None).select_related('by').first()


def snooze_for(patient: Patient) -> Snooze | None:
    """The running snooze of a patient. She has one same-day alert at most, so one snooze."""
    return Snooze.objects.filter(patient=patient, ended_at=None, alert__state=AlertState.SNOOZED).first()
