"""The person who signs in. Everybody signs in by e-mail; what they may do follows from Membership, Patient and Caregiver."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager['User']):
    """Makes users by e-mail; e-mail addresses are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> 'User':
        if not email:
            raise ValueError('A user needs an e-mail address.')
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> 'User':
        return self.create_user(email, password, **{**fields, 'is_staff': True, 'is_superuser': True})

    def get_by_natural_key(self, username: str | None) -> 'User':
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person with a sign-in. `name` is what others see; `is_demo` marks a made-up person of the demo."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_('e-mail address'))
    name = models.CharField(_('name'), max_length=120)
    language = models.CharField(_('language'), max_length=8, default='en')
    is_demo = models.BooleanField(_('made-up person'), default=False, editable=False)

    USERNAME_FIELD = 'email'
    REQUIRED_FIELDS: ClassVar[list[str]] = ['name']
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _('person')
        verbose_name_plural = _('people')
        constraints = [
            models.UniqueConstraint(
                Lower('email'),
                name='user_email_unique',
                violation_error_message=_('Somebody already uses this e-mail address.'),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(' ')[0]
