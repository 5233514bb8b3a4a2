"""Enrolling a patient, changing her details, inviting those who help her."""

import zoneinfo
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Patient
from clinic.queries import nurses_of, teams_of
from clinic.services.enrolment import Details


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a nurse writes down about a patient. A new patient starts with the clinic's zone, language and unit."""

    class Meta:
        model = Patient
        fields = (
            'name',
            'record_number',
            'birth_date',
            'email',
            'phone',
            'time_zone',
            'language',
            'temperature_unit',
            'weight_unit',
            'primary_nurse',
            'care_team',
        )
        widgets = {
            'birth_date': forms.DateInput(attrs={'type': 'date'}, format='%Y-%m-%d'),
            'phone': forms.TextInput(attrs={'type': 'tel', 'autocomplete': 'off'}),
            'time_zone': forms.TextInput(attrs={'list': 'time-zones', 'autocomplete': 'off'}),
        }
        help_texts = {
            'email': _('We send the invitation here. Without an address only a caregiver can keep the diary.'),
            'time_zone': _('Where the patient lives, like America/New_York. The days of the diary are days there.'),
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.clinic = clinic
        self.clinic = clinic
        if self.instance.pk is None:
            self._start_with(clinic)
        nurse, team = (cast(forms.ModelChoiceField, self.fields[name]) for name in ('primary_nurse', 'care_team'))  # type: ignore[type-arg]
        nurse.queryset, team.queryset = nurses_of(clinic), teams_of(clinic)
        nurse.empty_label = team.empty_label = _('Nobody yet')
        self.helper = _helper()

    def _start_with(self, clinic: Clinic) -> None:
        usual = {
            'time_zone': clinic.time_zone,
            'language': clinic.language,
            'temperature_unit': clinic.temperature_unit,
        }
        self.initial = {**usual, **self.initial}

    @property
    def details(self) -> Details:
        """What was typed, once it is valid."""
        return cast(Details, self.cleaned_data)

    @property
    def time_zones(self) -> list[str]:
        """Suggestions for the browser; the field takes any zone that exists."""
        return sorted(name for name in zoneinfo.available_timezones() if '/' in name and not name.startswith('Etc/'))


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(
        Fieldset(_('Who'), Row('name', 'record_number'), Row('birth_date', 'phone'), 'email'),
        Fieldset(_('How the diary speaks'), Row('language', 'temperature_unit', 'weight_unit'), 'time_zone'),
        Fieldset(_('Who looks after them'), Row('primary_nurse', 'care_team')),
    )
    return helper
