"""E-mail. It says that something waits and where to look, and nothing about whom or why: mail is read by others."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from alerts.channels.base import Message, SendFailed
from clinic.models import User


def reaches(person: User) -> bool:
    return bool(person.email) and person.is_active


def send(person: User, message: Message) -> None:
    """Send in the person's own language. A refused recipient or sender is permanent; everything else may pass."""
    with translation.override(person.language):
        mail = EmailMessage(
            subject=_('Vigil: something needs you now'),
            body=render_to_string('alerts/email.txt', {'link': settings.BASE_URL.rstrip('/') + message.path}).strip(),
            to=[person.email],
        )
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        raise SendFailed(f'SMTP {error.smtp_code}', permanent=500 <= error.smtp_code < 600) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        raise SendFailed('recipient refused', permanent=all(code >= 500 for code in codes)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendFailed(type(error).__name__, permanent=False) from error
