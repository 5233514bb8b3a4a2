"""A way to be told, in words. A phone number and an address never stand there whole: screens are looked at by others."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from alerts.channels import SendFailed, other
from alerts.models import Channel, ContactWay
from clinic.models import User

ICONS = {Channel.SMS: 'phone', Channel.PUSH: 'bell', Channel.OTHER: 'link', Channel.EMAIL: 'reply'}


@dataclass(frozen=True)
class ShownWay:
    """`pk` is None for the e-mail address. `broken` says what to do about a way that does not work; empty when it does."""

    pk: int | None
    icon: str
    title: str
    detail: str
    broken: str = ''


def shown(way: ContactWay) -> ShownWay:
    title, detail = _titles(way)
    return ShownWay(way.pk, ICONS[Channel(way.channel)], title, detail, _what_to_do(way) if way.broken_at else '')


def email_shown(user: User) -> ShownWay:
    return ShownWay(None, ICONS[Channel.EMAIL], _('E-mail'), user.email)


def _titles(way: ContactWay) -> tuple[str, str]:
    if way.channel == Channel.SMS:
        return _('Text message'), _('to the number that ends in %(digits)s') % {'digits': way.address[-2:]}
    if way.channel == Channel.PUSH:
        return _('Notice on a device'), way.label
    return way.label, other.scheme_of(way.address)


def _what_to_do(way: ContactWay) -> str:
    if way.channel == Channel.PUSH:
        return _('Notices no longer get through. Open this page on that device and press “Notify this device” again.')
    if way.channel == Channel.SMS:
        return _('Messages to this number were refused. Check it with a test, or take it away and add the right one.')
    return _('The service refused our messages. Check it with a test, or take it away and add it again.')


def why_not(failure: SendFailed) -> str:
    """What came of a test that was not taken."""
    if failure.permanent:
        said = _('The test was refused: nobody can be reached there. Until you mend it, the next way is used.')
    else:
        said = _('The test did not get through. That may pass: try again in a few minutes.')
    return f'{said} ({failure.code})'
