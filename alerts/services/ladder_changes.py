"""Changing a clinic's ladder. Alerts that run keep the one with which they opened."""

from datetime import datetime

from django.db import transaction

from alerts.engine.escalation import Ladder
from alerts.models import EscalationPolicy, EscalationStep
from clinic.models import Clinic, User


def change_ladder(*, clinic: Clinic, ladder: Ladder, by: User, now: datetime) -> EscalationPolicy:
    """Write a clinic's ladder of one tier in place of the one before. Two admins at once: the later one's holds, whole.

    Raises LadderError when the ladder could not be read again.
    """
    Ladder.from_json(ladder.to_json())
    fields = {
        'rounds': ladder.rounds,
        'forgotten_after': ladder.forgotten_after,
        'unfinished_after': ladder.unfinished_after,
        'changed_at': now,
        'changed_by': by,
    }
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        policy, _ = EscalationPolicy.objects.update_or_create(clinic=clinic, tier=ladder.tier.word, defaults=fields)
        policy.steps.all().delete()
        EscalationStep.objects.bulk_create(
            EscalationStep(
                policy=policy, position=n, wait=rung.wait, who=rung.who.value, when=rung.when.value, phone=rung.phone
            )
            for n, rung in enumerate(ladder.rungs)
        )
    return policy
