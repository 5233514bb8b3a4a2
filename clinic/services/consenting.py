"""Agreeing to the diary, and taking it back. What was said before stays on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.consent_words import current, words_of
from clinic.models import Consent, ConsentAct, ConsentRole, ConsentWay, Patient, User


def agree(
    *,
    patient: Patient,
    by: User,
    role: ConsentRole,
    facts: Mapping[str, Any],
    now: datetime,
    language: str = 'en',
    version: int | None = None,
    way: ConsentWay = ConsentWay.PAGE,
) -> Consent:
    """Write down a yes to a version of the words (the current one unless told). Raises KeyError for one that never was."""
    words = words_of(role, current(role) if version is None else version, language)
    with transaction.atomic():
        return Consent.objects.create(
            patient=patient,
            by=by,
            role=role,
            act=ConsentAct.GIVEN,
            way=way,
            version=words.version,
            language=words.language,
            digest=words.digest,
            facts=dict(facts),
            at=now,
        )
