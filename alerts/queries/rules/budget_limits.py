"""A clinic's limits for its rules."""

from alerts.models import RuleBudget
from clinic.models import Clinic


def limits_of(clinic: Clinic) -> RuleBudget:
    """Its own, or the usual ones, which are not stored until somebody changes them."""
    found = RuleBudget.objects.select_related('changed_by').filter(clinic=clinic).first()
    return found or RuleBudget(clinic=clinic)
