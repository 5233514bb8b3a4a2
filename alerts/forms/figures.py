"""Which days and which care team the figures are about. A form that is asked with GET: nothing in it is health data."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.figures.span import LONGEST, Span
from clinic.models import CareTeam, Clinic
from diary.forms_treatment import DateInput

WITHOUT = 'none'


class OwnDaysForm(forms.Form):
    """Two days of the clinic's calendar, both included, and the team, which the page's other links carry on."""

    first = forms.DateField(label=_('First day'), widget=DateInput())
    last = forms.DateField(label=_('Last day'), widget=DateInput())

    def __init__(self, *args: Any, clinic: Clinic, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.now = clinic, now

    def clean_last(self) -> Any:
        last = self.cleaned_data['last']
        if last > self.now.astimezone(self.clinic.zone).date():
            raise forms.ValidationError(_('This day is still to come. Choose today or an earlier day.'))
        return last

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get('first'), found.get('last')
        if first and last and first > last:
            self.add_error('first', _('The first day comes after the last one. Swap them.'))
        elif first and last and last - first > LONGEST:
            self.add_error('first', _('Choose two years or less.'))
        return found

    def span(self) -> Span:
        return Span(self.cleaned_data['first'], self.cleaned_data['last'], self.clinic.zone, self.now)


def chosen_teams(given: str, teams: list[CareTeam]) -> frozenset[int | None]:
    """The teams of the word in the address: '' all, 'none' patients without one. Raises KeyError for anything else."""
    known: dict[str, frozenset[int | None]] = {'': frozenset(), WITHOUT: frozenset({None})}
    return (known | {str(team.pk): frozenset({team.pk}) for team in teams})[given]
