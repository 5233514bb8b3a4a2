"""allauth's forms in our words: labels that stay, no placeholders that vanish."""

from typing import Any

from allauth.account import forms as allauth
from crispy_forms.helper import FormHelper
from django import forms
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

PASSWORD_HINT = _(
    'At least 10 characters. A few words in a row are easy to remember. Not your name, and not one that many people use.'
)
NEEDED = _('Please fill this in.')
WHOLE_ADDRESS = _('Please type the whole address, like ana@example.com.')


def say_what_to_type(form: forms.BaseForm) -> None:
    """Django's own words say that something is wrong; ours say what to do."""
    for field in form.fields.values():
        field.error_messages |= {'required': NEEDED}
        if isinstance(field, forms.EmailField):
            others = [each for each in field.validators if not isinstance(each, EmailValidator)]
            field.validators = [EmailValidator(message=WHOLE_ADDRESS), *others]


class Worded(forms.Form):
    """Puts `words` (field → label) into a form whose fields a library made, and clears its placeholders."""

    words: dict[str, Any] = {}
    hinted: str = ''  # the field that gets the rules for passwords

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.help_text = PASSWORD_HINT if name == self.hinted else ''
            field.widget.attrs.pop('placeholder', None)
        say_what_to_type(self)
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
