"""Agreeing to the diary, and taking it back. What was said before stays on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.consent_words import current, words_of
from clinic.models import Consent, ConsentAct, ConsentRole, ConsentWay, Patient, User
from clinic.queries_consent import latest_of


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


def take_back(*, patient: Patient, by: User, now: datetime, way: ConsentWay = ConsentWay.PAGE) -> None:
    """The diary stops: nothing more is asked, no helper sees it, nothing is deleted. Said twice it counts once."""
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        latest = latest_of(patient)
        if latest is None or latest.act == ConsentAct.WITHDRAWN:
            return
        kept = ('version', 'language', 'digest', 'facts')
        same = {name: getattr(latest, name) for name in kept}
        role = ConsentRole.PATIENT
        Consent.objects.create(patient=patient, by=by, role=role, act=ConsentAct.WITHDRAWN, way=way, at=now, **same)
