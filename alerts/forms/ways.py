"""Forms with which a member says how she can be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from alerts.channels import other, push
from clinic.forms.people import Crispy

LONGEST_ADDRESS = 2000


class NumberForm(Crispy):
    """A phone number that takes text messages, in the international form or as it is dialled in the clinic's country."""

    number = PhoneNumberField(
        label=_('Phone number'),
        widget=forms.TextInput(attrs={'type': 'tel', 'autocomplete': 'tel', 'inputmode': 'tel'}),
        error_messages={'invalid': _('Type the whole number, with the country: +1 212 555 0142.')},
    )


class ServiceForm(Crispy):
    """The URL of a member's own service. Which services are allowed is the operator's choice."""

    name = forms.CharField(label=_('What you call it'), max_length=40, help_text=_('For example: my Telegram.'))
    address = forms.CharField(
        label=_('Address'),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={'autocomplete': 'off', 'spellcheck': 'false', 'placeholder': 'tgram://…'}),
    )

    def clean_address(self) -> str:
        address = str(self.cleaned_data['address']).strip()
        if not other.is_understood(address):
            raise forms.ValidationError(_('Type an address of one of the services named below, with all its parts.'))
        return address


class DeviceForm(forms.Form):
    """What a browser hands over: its subscription as JSON, and the endpoint that this one takes the place of."""

    subscription = forms.CharField(max_length=LONGEST_ADDRESS)
    instead_of = forms.CharField(max_length=LONGEST_ADDRESS, required=False)

    def clean_subscription(self) -> str:
        subscription = str(self.cleaned_data['subscription'])
        if not push.reaches(subscription):
            raise forms.ValidationError('not a push service that is allowed here')
        return subscription


class WayForm(forms.Form):
    """One of her own ways; none is her e-mail address."""

    way: Any = forms.ModelChoiceField(queryset=None, required=False)

    def __init__(self, *args: Any, ways: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['way'].queryset = ways  # type: ignore[attr-defined]
