from django.db import models


class Row(models.Model):
    """What the bare task commits."""

    number = models.BigIntegerField(unique=True)
