"""Which days are replayed. Nothing in it is health data."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.services.rules.replaying import LONGEST
from clinic.models import Clinic
from diary.forms_treatment import DateInput

USUAL = timedelta(days=90)
_DAY = dict.fromkeys(('required', 'invalid'), _('Choose a day.'))


class ReplayForm(forms.Form):
    """Two local days of the clinic, both included."""

    since = forms.DateField(label=_('From'), widget=DateInput(), error_messages=_DAY)
    until = forms.DateField(label=_('To'), widget=DateInput(), error_messages=_DAY)

    def __init__(self, data: Any, *, clinic: Clinic, now: datetime) -> None:
        self.today = now.astimezone(clinic.zone).date()
        days = {'since': self.today - USUAL + timedelta(days=1), 'until': self.today}
        super().__init__(data, initial=days)

    def clean_until(self) -> Any:
        until = self.cleaned_data['until']
        if until > self.today:
            raise forms.ValidationError(_('This day is still to come. Choose today or an earlier day.'))
        return until

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get('since'), found.get('until')
        if since and until and since > until:
            self.add_error('since', _('The first day comes after the last one. Swap them.'))
        elif since and until and until - since > LONGEST:
            self.add_error('since', _('Choose two years or less.'))
        return found
