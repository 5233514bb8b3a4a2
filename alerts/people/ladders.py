"""A clinic's ladders: its own where it wrote one, else the defaults."""

from alerts.engine.escalation import Ladder, Rung, When, Who, default_ladder
from alerts.engine.tiers import Tier
from alerts.models import EscalationPolicy, EscalationStep
from clinic.models import Clinic


def ladder_of(clinic: Clinic, tier: Tier) -> Ladder:
    """The ladder that an alert of this tier gets now. One query: it runs whenever an alert opens."""
    steps = EscalationStep.objects.filter(policy__clinic=clinic, policy__tier=tier.word).select_related('policy')
    rungs = list(steps.order_by('position'))
    return built(rungs[0].policy, rungs) if rungs else default_ladder(tier)


def built(policy: EscalationPolicy, steps: list[EscalationStep]) -> Ladder:
    return Ladder(
        tier=Tier.from_word(policy.tier),
        rungs=tuple(
            Rung(one.wait, Who(one.who), When(one.when), one.phone.as_e164 if one.phone else '') for one in steps
        ),
        rounds=policy.rounds,
        forgotten_after=policy.forgotten_after,
        unfinished_after=policy.unfinished_after,
    )
