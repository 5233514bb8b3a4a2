"""The rule sets that a clinic may see."""

from django.db.models import Q, QuerySet

from alerts.models import RuleSet
from clinic.models import Clinic


def rule_sets_of(clinic: Clinic) -> QuerySet[RuleSet]:
    """Its own and the shared default's, the newest first; the rules themselves are not loaded."""
    people = ('clinic', 'created_by', 'reviewed_by', 'published_by', 'default', 'based_on')
    found = RuleSet.objects.filter(Q(clinic=clinic) | Q(clinic=None)).select_related(*people)
    heavy = ('content', 'default__content', 'based_on__content')
    return found.defer(*heavy).order_by('-created_at', '-pk')
