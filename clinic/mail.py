"""E-mails of this floor. No health data: not what the diary is about, not the name of the clinic or the patient."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic.models import Invitation, User


def send_invitation(invitation: Invitation, *, token: str, language: str) -> None:
    """Raises what the mail server raises."""
    context = {
        'inviter': invitation.invited_by.name,
        'link': settings.BASE_URL + reverse('clinic:invitation', args=[token]),
        'days': settings.INVITATION_DAYS,
        'expires_at': invitation.expires_at,
    }
    with translation.override(language):
        subject = render_to_string('clinic/email/invitation_subject.txt', context).strip()
        body = render_to_string('clinic/email/invitation.txt', context)
    send_mail(subject, body, None, [invitation.email])


def send_helper_news(user: User) -> None:
    """To a patient, when her clinic invited a helper for her. Raises what the mail server raises."""
    context = {'link': settings.BASE_URL + reverse('clinic:helpers')}
    with translation.override(user.language):
        subject = render_to_string('clinic/email/helper_news_subject.txt', context).strip()
        body = render_to_string('clinic/email/helper_news.txt', context)
    send_mail(subject, body, None, [user.email])
