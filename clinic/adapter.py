"""How allauth behaves in this house."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves: people come by invitation."""

    error_messages = DefaultAccountAdapter.error_messages | {
        'email_password_mismatch': _(
            'We cannot sign you in with this e-mail address and password. Please type both again, '
            'or choose a new password with “Forgotten your password?”.'
        ),
        'too_many_login_attempts': _('There were too many tries. Please wait five minutes, then try again.'),
        'rate_limited': _('There were too many tries. Please wait a few minutes, then try again.'),
        'enter_current_password': _('This is not your password now. Please type it again.'),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse('clinic:me')

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link goes to the address that the house has, not to whatever host the request named."""
        asked: str = super().get_reset_password_from_key_url(key)
        return f'{settings.BASE_URL}{urlsplit(asked).path}'

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, context | {'base_url': settings.BASE_URL})
