"""Choices and validators that several nouns share."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class TemperatureUnit(models.TextChoices):
    CELSIUS = 'C', '°C'
    FAHRENHEIT = 'F', '°F'


class WeightUnit(models.TextChoices):
    KILOGRAM = 'kg', _('kilograms')
    POUND = 'lb', _('pounds')


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA zone such as America/New_York."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _('“%(name)s” is not a time zone. Write it like America/New_York.'), params={'name': name}
        )
