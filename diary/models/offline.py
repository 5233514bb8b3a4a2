"""What keeps unsent entries on a phone unreadable for whoever picks it up after her."""

import secrets

from django.conf import settings
from django.db import models

from clinic.models import User

KEY_BYTES = 32


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


class OfflineKey(models.Model):
    """A person's key (AES-256) for what her phones keep until it is sent. It is handed to a phone on which she is signed in.

    In the database, not derived from a secret of the server: changing that secret must not lock her entries for good.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name='offline_key')
    secret = models.BinaryField(max_length=KEY_BYTES, default=new_key)

    def __str__(self) -> str:
        return f'{self.user_id}'


def key_of(user: User) -> bytes:
    """The person's key; made when she is first asked for it."""
    return bytes(OfflineKey.objects.get_or_create(user=user)[0].secret)
