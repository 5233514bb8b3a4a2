"""E-mail, through Django: the SMTP server of EMAIL_URL, or a mail service that anymail knows."""

import smtplib

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from alerts.channels.base import Message, SendFailed, http_failure


def reaches(address: str) -> bool:
    return bool(address)


def send(address: str, message: Message) -> None:
    """A refused recipient is for good; everything else may pass: our sign-in, our sender or a server that refuses everybody now."""
    with translation.override(message.language):
        body = render_to_string('alerts/email.txt', {'message': message}).strip()
    mail = EmailMessage(subject=message.title, body=body, to=[address])
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        raise SendFailed(f'SMTP {error.smtp_code}', permanent=False) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        raise SendFailed('recipient refused', permanent=all(code >= 500 for code in codes)) from error
    except AnymailError as error:
        raise _of_service(error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendFailed(type(error).__name__, permanent=False) from error


def _of_service(error: AnymailError) -> SendFailed:
    if isinstance(error, AnymailRecipientsRefused):
        return SendFailed('recipient refused', permanent=True)
    if error.status_code is not None:
        return http_failure(error.status_code)
    return SendFailed(type(error).__name__, permanent=False)
