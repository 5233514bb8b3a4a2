"""The forms with which a nurse works an alert."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.models import Outcome

LONGEST_NOTE = 4000


class Note(forms.CharField):
    """A few lines of free text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={'rows': 2, 'class': 'input'}), **kwargs)


class VersionForm(forms.Form):
    """`version` is the alert as the nurse saw it; what changed meanwhile is shown to her before she acts."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ContactForm(VersionForm):
    """One telephone call or visit."""

    REACHED, NOT_REACHED = 'yes', 'no'

    reached = forms.ChoiceField(
        label=_('How did it go?'),
        choices=[(REACHED, _('I spoke with the patient or somebody there')), (NOT_REACHED, _('Nobody answered'))],
        widget=forms.RadioSelect(attrs={'class': 'check'}),
        error_messages={'required': _('Choose whether somebody answered.')},
    )
    note = Note(label=_('What was said'), required=False)

    @property
    def was_reached(self) -> bool:
        return bool(self.cleaned_data['reached'] == self.REACHED)


class NoteForm(forms.Form):
    """Something worth knowing, without a step."""

    note = Note(label=_('Note'), error_messages={'required': _('Write a few words first.')})


class ResolveForm(VersionForm):
    """How it ended."""

    outcome = forms.ChoiceField(
        label=_('Outcome'),
        choices=Outcome.choices,
        widget=forms.RadioSelect(attrs={'class': 'check'}),
        error_messages={'required': _('Choose how it ended.')},
    )
    note = Note(label=_('Note'), required=False)
