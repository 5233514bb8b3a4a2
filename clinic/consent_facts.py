"""What fills the gaps of the words that people agree to: the clinic's own hours and numbers, in the reader's language."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.utils.formats import time_format
from django.utils.translation import gettext as _

from clinic.models import Clinic, OpeningHours, Patient, Weekday


def facts_of(patient: Patient) -> dict[str, Any]:
    """One query."""
    clinic = patient.clinic
    return {
        'name': patient.first_name,
        'clinic': clinic.name,
        'hours': hours_words(clinic),
        'emergency': clinic.emergency_number,
        'phone_day': str(clinic.phone_day.as_national),
        'phone_night': str(clinic.phone_night.as_national),
    }


def hours_words(clinic: Clinic) -> str:
    """As people say them: “Monday to Friday 8:00–18:00, Saturday 9:00–12:00”. Days that are alike stand together."""
    spans = list(clinic.opening_hours.all())
    days = [(day, _spans([span for span in spans if span.weekday == day])) for day in Weekday]
    runs = [(told, [day for day, _told in run]) for told, run in groupby(days, key=lambda each: each[1]) if told]
    if not runs:
        return _('no set hours, so do not count on anybody reading')
    return ', '.join(f'{_days(run)} {told}' for told, run in runs)


def _spans(spans: Sequence[OpeningHours]) -> str:
    return _(' and ').join(f'{time_format(span.opens, "G:i")}–{time_format(span.closes, "G:i")}' for span in spans)


def _days(run: Sequence[Weekday]) -> str:
    first, last = str(run[0].label), str(run[-1].label)
    return first if first == last else _('%(first)s to %(last)s') % {'first': first, 'last': last}
