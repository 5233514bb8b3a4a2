"""What somebody who helps a patient may do, from when until when: for the patient, and for a nurse who invites for her."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms.people import Crispy
from clinic.models import Caregiver, Patient
from clinic.services.caregiving import Given

DAY = timedelta(days=1)


class RightsForm(Crispy):
    """The least stands first: who helps reads, and nothing else, until a box is ticked."""

    can_see_advice = forms.BooleanField(
        label=_('See the advice and what the team answers'),
        required=False,
        help_text=_('Such as “Phone your team now”, and what became of it.'),
    )
    can_see_photos = forms.BooleanField(label=_('See photos of the skin'), required=False)
    can_write = forms.BooleanField(
        label=_('Write in the diary'),
        required=False,
        help_text=_('Their name stands on it. Who writes also sees the advice.'),
    )
    ends_on = forms.DateField(
        label=_('Last day'),
        required=False,
        widget=forms.DateInput(attrs={'type': 'date'}, format='%Y-%m-%d'),
        help_text=_('Leave this empty if you do not know yet. It can be ended at any time.'),
    )

    def __init__(self, *args: Any, patient: Patient, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.today = patient.zone, now.astimezone(patient.zone).date()

    def clean_ends_on(self) -> date | None:
        day: date | None = self.cleaned_data['ends_on']
        if day is not None and day < self.today:
            raise forms.ValidationError(_('This day is over. Choose today or a later day.'))
        return day

    @property
    def given(self) -> Given:
        """Once it is valid; the last day counts whole, by the patient's clock."""
        data, last = self.cleaned_data, self.cleaned_data['ends_on']
        return Given(
            can_write=data['can_write'],
            can_see_advice=data['can_see_advice'],
            can_see_photos=data['can_see_photos'],
            ends_at=self._midnight(last + DAY) if last else None,
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


class HelperInvitationForm(RightsForm):
    """Who, what, from when until when."""

    name = forms.CharField(label=_('Name'), max_length=120)
    email = forms.EmailField(label=_('E-mail address'))
    relationship = forms.CharField(
        label=_('Who is this to the patient?'), max_length=60, required=False, help_text=_('For example: husband')
    )
    starts_on = forms.DateField(
        label=_('First day'),
        required=False,
        widget=forms.DateInput(attrs={'type': 'date'}, format='%Y-%m-%d'),
        help_text=_('Leave this empty for at once.'),
    )
    field_order = (
        'name',
        'email',
        'relationship',
        'can_see_advice',
        'can_see_photos',
        'can_write',
        'starts_on',
        'ends_on',
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get('starts_on'), data.get('ends_on')
        if first and last and last < first:
            self.add_error('ends_on', _('The last day is before the first. Choose a later one.'))
        return data

    @property
    def invitation(self) -> dict[str, Any]:
        """For `invite_caregiver`, once it is valid."""
        first = self.cleaned_data['starts_on']
        who = {name: self.cleaned_data[name] for name in ('name', 'email', 'relationship')}
        return who | dict(self.given) | {'starts_at': self._midnight(first) if first else None}


class OwnInvitationForm(HelperInvitationForm):
    """The same in the patient's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['relationship'].label = _('Who is this to you?')


def rights_now(caregiver: Caregiver) -> dict[str, Any]:
    """What a form for a change starts with."""
    last = (
        (caregiver.ends_at - timedelta(microseconds=1)).astimezone(caregiver.patient.zone).date()
        if caregiver.ends_at
        else None
    )
    rights = ('can_see_advice', 'can_see_photos', 'can_write')
    return {name: getattr(caregiver, name) for name in rights} | {'ends_on': last}
