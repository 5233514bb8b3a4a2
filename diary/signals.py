"""What the diary announces. It knows nobody who listens; all are sent inside the transaction that they tell of."""

from django.dispatch import Signal

entry_recorded = Signal()  # revision: Revision, now: datetime; a new entry or a correction is stored
treatment_changed = (
    Signal()
)  # patient: Patient, since: datetime, now: datetime; a dose, context or baseline from `since` on changed
pauses_changed = Signal()  # patient: Patient, now: datetime; a planned pause of the diary came, went or ended
symptom_retiring = (
    Signal()
)  # code: str; asked before a symptom is retired: each listener returns lines about what reads it
cases_asked = (
    Signal()
)  # patient: Patient, since: datetime; asked for a summary: one listener returns the ToldCases since then
