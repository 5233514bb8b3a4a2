"""A text that a page showed, signed: it comes back with the person's yes, and is just what she was shown."""

from typing import Any

from django.core import signing

from clinic.models import Clinic, User

# Longer than that, and the rules, the catalogue or the person's rights may be others.
KEPT_SECONDS = 3_600
_SALT = 'alerts.rules.sealing'


class NotAsShown(Exception):
    """What is to be kept is not what this person was shown, was shown too long ago, or stands beside something else by now."""


def seal(text: str, *, by: User, clinic: Clinic, beside: str) -> str:
    """`beside` is the fingerprint of what the text was compared with."""
    shown = {'text': text, 'by': by.pk, 'clinic': clinic.pk, 'beside': beside}
    return signing.dumps(shown, salt=_SALT, compress=True)


def opened(sealed: str) -> str:
    """The text, whoever was shown it beside whatever. Raises NotAsShown for what no page of ours showed in the last hour."""
    return str(_shown(sealed)['text'])


def unseal(sealed: str, *, by: User, clinic: Clinic, beside: str) -> str:
    """The text. Raises NotAsShown."""
    shown = _shown(sealed)
    if (shown['by'], shown['clinic'], shown['beside']) != (by.pk, clinic.pk, beside):
        raise NotAsShown
    return str(shown['text'])


def _shown(sealed: str) -> dict[str, Any]:
    try:
        return dict(signing.loads(sealed, salt=_SALT, max_age=KEPT_SECONDS))
    except signing.BadSignature:
        raise NotAsShown from None
