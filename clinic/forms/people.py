"""Joining, inviting members, one's own details."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from clinic.forms.account import PASSWORD_HINT, say_what_to_type
from clinic.models import Patient, TemperatureUnit, User, WeightUnit


class Crispy(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_what_to_type(self)
        self.helper = FormHelper()
        self.helper.form_tag = False


class JoinForm(Crispy):
    """A new person: how others see her, and her password."""

    name = forms.CharField(label=_('Your name'), max_length=120, widget=forms.TextInput(attrs={'autocomplete': 'name'}))
    password = forms.CharField(
        label=_('Choose a password'),
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={'autocomplete': 'new-password'}),
    )
    again = forms.CharField(
        label=_('The same password again'),
        strip=False,
        widget=forms.PasswordInput(attrs={'autocomplete': 'new-password'}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if 'password' in data and 'again' in data and data['password'] != data['again']:
            self.add_error('again', _('The two passwords differ. Please type the same one twice.'))
        elif 'password' in data:
            self._check(data['password'], name=data.get('name', ''))
        return data

    def _check(self, password: str, *, name: str) -> None:
        try:
            validate_password(password, User(email=self.email, name=name))
        except forms.ValidationError as weak:
            self.add_error('password', weak)


class MemberInvitationForm(Crispy):
    name = forms.CharField(label=_('Name'), max_length=120)
    email = forms.EmailField(label=_('E-mail address'))
    is_nurse = forms.BooleanField(
        label=_('Nurse'), required=False, initial=True, help_text=_('Sees the patients and works the list.')
    )
    is_admin = forms.BooleanField(
        label=_('Admin'), required=False, help_text=_('Looks after people, rules and set-up.')
    )


class MeForm(Crispy):
    """Name and language of anybody; units only for a patient."""

    name = forms.CharField(label=_('Your name'), max_length=120, widget=forms.TextInput(attrs={'autocomplete': 'name'}))
    language = forms.ChoiceField(label=_('Language'), choices=settings.LANGUAGES)
    temperature_unit = forms.ChoiceField(label=_('Temperature in'), choices=TemperatureUnit.choices)
    weight_unit = forms.ChoiceField(label=_('Weight in'), choices=WeightUnit.choices)

    def __init__(self, *args: Any, user: User, patient: Patient | None, **kwargs: Any) -> None:
        initial = {'name': user.name, 'language': user.language}
        if patient is not None:
            initial |= {'temperature_unit': patient.temperature_unit, 'weight_unit': patient.weight_unit}
        super().__init__(*args, initial=initial, **kwargs)
        if patient is None:
            del self.fields['temperature_unit'], self.fields['weight_unit']
