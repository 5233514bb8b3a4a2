"""Planned pauses, as a nurse and as a patient type them. Days are the patient's local ones."""

from typing import Any

from crispy_forms.layout import Row
from django import forms
from django.utils.translation import gettext_lazy as _

from diary.forms_treatment import DateInput, LocalForm
from diary.models import PauseReason
from diary.services.pauses import OWN_REASONS

OWN_WORDS = {PauseReason.HOSPITAL: _('I am in hospital'), PauseReason.AWAY: _('I am away')}


class PauseForm(LocalForm):
    from_on = forms.DateField(label=_('First day'), widget=DateInput())
    until_on = forms.DateField(label=_('Last day'), widget=DateInput(), help_text=_('This day included.'))
    reason = forms.ChoiceField(label=_('Why'), choices=PauseReason.choices, widget=forms.RadioSelect)
    layout: tuple[Any, ...] = (Row('from_on', 'until_on'), 'reason')


class OwnPauseForm(PauseForm):
    reason = forms.ChoiceField(
        label=_('Why'),
        choices=[(reason, OWN_WORDS[reason]) for reason in OWN_REASONS],
        widget=forms.RadioSelect,
        error_messages={'required': _('Choose why you will not write.')},
    )
    layout = ('from_on', 'until_on', 'reason')
