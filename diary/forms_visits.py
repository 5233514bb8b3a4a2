"""A visit as a nurse types it. The day and the time are the patient's local ones."""

from typing import Any

from crispy_forms.layout import Row
from django import forms
from django.utils.translation import gettext_lazy as _

from diary.forms_treatment import DateInput, LocalForm, TimeInput
from diary.models.visit import LONGEST_WHAT


class VisitForm(LocalForm):
    on = forms.DateField(label=_('Day'), widget=DateInput())
    at = forms.TimeField(label=_('Time, if it is known'), widget=TimeInput(), required=False)
    what = forms.CharField(
        label=_('What for, if you like'),
        max_length=LONGEST_WHAT,
        required=False,
        help_text=_('The patient reads it under “My treatment”, such as “blood test and infusion”.'),
    )
    layout: tuple[Any, ...] = (Row('on', 'at'), 'what')
