"""When and how a patient wants to be reminded."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from clinic.forms.people import Crispy

NO, YES = 'no', 'yes'


class ReminderForm(Crispy):
    """Whether, and at what time by the clock on her wall."""

    remind = forms.ChoiceField(
        label=_('Shall we remind you?'),
        choices=((YES, _('Yes, once a day')), (NO, _('No'))),
        widget=forms.RadioSelect,
    )
    at = forms.TimeField(
        label=_('At what time?'),
        widget=forms.TimeInput(attrs={'type': 'time', 'class': 'input short'}, format='%H:%M'),
        error_messages={'invalid': _('Write a time, such as 18:30.')},
    )
    number = PhoneNumberField(
        label=_('By text message to this number'),
        required=False,
        help_text=_('Leave it empty to be reminded by e-mail.'),
        widget=forms.TextInput(attrs={'type': 'tel', 'autocomplete': 'tel', 'inputmode': 'tel'}),
        error_messages={'invalid': _('Type the whole number, with the country: +1 212 555 0142.')},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.SMS_URL:
            del self.fields['number']
