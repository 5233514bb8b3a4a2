"""What the clinic's records announce. They know nobody who listens; each is sent inside the transaction that it tells of."""

from django.dispatch import Signal

time_zone_changed = Signal()  # patient: Patient, now: datetime; she lives by another clock from now on
