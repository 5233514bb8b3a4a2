"""The forms with which a nurse works an alert."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.models import Mark, Outcome

LONGEST_NOTE = 4000


class Note(forms.CharField):
    """A few lines of free text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={'rows': 2, 'class': 'input'}), **kwargs)


class VersionForm(forms.Form):
    """`version` is the alert as the nurse saw it; what changed meanwhile is shown to her before she acts."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class MomentInput(forms.DateTimeInput):
    input_type = 'datetime-local'

    def __init__(self) -> None:
        super().__init__(format='%Y-%m-%dT%H:%M', attrs={'class': 'input'})


class ContactForm(VersionForm):
    """One telephone call or visit. The time of the next one is read in the clinic's `zone` and lies after `now`."""

    REACHED, NOT_REACHED = 'yes', 'no'

    reached = forms.ChoiceField(
        label=_('How did it go?'),
        choices=[(REACHED, _('I spoke with the patient or somebody there')), (NOT_REACHED, _('Nobody answered'))],
        widget=forms.RadioSelect(attrs={'class': 'check'}),
        error_messages={'required': _('Choose whether somebody answered.')},
    )
    note = Note(label=_('What was said'), required=False)
    call_back_at = forms.DateTimeField(
        label=_('Call again at'),
        required=False,
        widget=MomentInput,
        help_text=_('It comes back to the list ten minutes later.'),
        error_messages={'invalid': _('Choose a day and a time.')},
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    def clean_call_back_at(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data['call_back_at']
        if typed is None:
            return None
        at = typed.replace(tzinfo=self.zone)  # Django took the clock that was typed for its own zone's
        if at <= self.now:
            raise forms.ValidationError(_('Choose a time that is still to come.'))
        return at

    @property
    def was_reached(self) -> bool:
        return bool(self.cleaned_data['reached'] == self.REACHED)


class NoteForm(forms.Form):
    """Something worth knowing, without a step."""

    note = Note(label=_('Note'), error_messages={'required': _('Write a few words first.')})


class ResolveForm(VersionForm):
    """How it ended. Closing what a colleague has in hand takes a word for it: `colleague` is her name."""

    outcome = forms.ChoiceField(
        label=_('Outcome'),
        choices=Outcome.choices,
        widget=forms.RadioSelect(attrs={'class': 'check'}),
        error_messages={'required': _('Choose how it ended.')},
    )
    note = Note(label=_('Note'), required=False)
    for_colleague = forms.BooleanField(widget=forms.CheckboxInput(attrs={'class': 'check'}))

    def __init__(self, *args: Any, colleague: str = '', **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not colleague:
            del self.fields['for_colleague']
            return
        words = {'name': colleague}
        field = self.fields['for_colleague']
        field.label = gettext('I close it for %(name)s') % words
        field.error_messages['required'] = (
            gettext('%(name)s has this alert. Say that you close it for her or him.') % words
        )


class MarkForm(forms.Form):
    """One click: useful or noise."""

    mark = forms.ChoiceField(choices=Mark.choices)
