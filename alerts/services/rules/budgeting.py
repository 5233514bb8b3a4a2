"""Changing a clinic's limits. They are for reading: no rule is ever switched off by them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from alerts.models import RuleBudget
from clinic.models import Clinic, User

FIELDS = ('flags_per_100', 'rule_per_100', 'least_acted_on', 'most_noise', 'samples_per_day')


class BudgetChanged(Exception):
    """Somebody else changed the limits since they were read."""


def change_budget(*, clinic: Clinic, by: User, limits: Mapping[str, int], seen: int, now: datetime) -> RuleBudget:
    """Put `limits` (by the names of FIELDS) in place. `seen` is the version that she read; 0 where none was stored.

    Raises BudgetChanged, and KeyError for a limit that is missing.
    """
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(
            pk=clinic.pk
        )  # two first changes at once: there is no row yet
        budget = RuleBudget.objects.filter(clinic=clinic).first() or RuleBudget(clinic=clinic)
        if budget.version != seen:
            raise BudgetChanged
        for name in FIELDS:
            setattr(budget, name, limits[name])
        budget.version, budget.changed_by, budget.changed_at = seen + 1, by, now
        budget.save()
    return budget
