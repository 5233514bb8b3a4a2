"""allauth's forms in our words: labels that stay, no placeholders that vanish."""

from typing import Any

from allauth.account import forms as allauth
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _


def _join_hints() -> str:
    return ' '.join(password_validators_help_texts())


password_hints = lazy(_join_hints, str)


class Worded(forms.Form):
    """Puts `words` (field → label) into a form whose fields a library made, and clears its placeholders."""

    words: dict[str, Any] = {}
    hinted: str = ''  # the field that gets the rules for passwords

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.help_text = password_hints() if name == self.hinted else ''
            field.widget.attrs.pop('placeholder', None)
        self.helper = FormHelper()
        self.helper.form_tag = False


class LoginForm(Worded, allauth.LoginForm):  # type: ignore[misc]
    words = {'login': _('E-mail address'), 'password': _('Password')}


class ResetPasswordForm(Worded, allauth.ResetPasswordForm):  # type: ignore[misc]
    words = {'email': _('E-mail address')}


class ResetPasswordKeyForm(Worded, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    words = {'password1': _('New password'), 'password2': _('New password again')}
    hinted = 'password1'


class ChangePasswordForm(Worded, allauth.ChangePasswordForm):  # type: ignore[misc]
    words = {
        'oldpassword': _('Your password now'),
        'password1': _('New password'),
        'password2': _('New password again'),
    }
    hinted = 'password1'
