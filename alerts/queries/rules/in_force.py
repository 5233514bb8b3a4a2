"""Which rules are in force."""

from typing import Any, cast

from django.db.models import F, Q

from alerts.models import RuleSet, RuleSetStatus


class NoPublishedRuleSet(LookupError):
    """No rule set is published: nothing can be checked, and pages must say so."""


def published_rule_set(clinic_id: int) -> RuleSet | None:
    """The published rule set of a clinic, its own before the shared default; the rules themselves are not loaded."""
    published = RuleSet.objects.filter(Q(clinic=clinic_id) | Q(clinic=None), status=RuleSetStatus.PUBLISHED)
    return published.defer('content').order_by(F('clinic').asc(nulls_last=True)).first()


def rule_set_for(clinic_id: int) -> RuleSet:
    """The same; raises NoPublishedRuleSet where there is none."""
    rule_set = published_rule_set(clinic_id)
    if rule_set is None:
        raise NoPublishedRuleSet('no rule set is published')
    return rule_set


def content_of(rule_set_id: int, *, digest: str | None = None) -> dict[str, Any]:
    """The rules of a rule set, as its file has them. With a `digest`, just these: raises RuleSet.DoesNotExist where it is a draft
    that somebody changed meanwhile."""
    rows = RuleSet.objects.values_list('content', flat=True)
    found = rows.get(pk=rule_set_id) if digest is None else rows.get(pk=rule_set_id, digest=digest)
    return cast('dict[str, Any]', found)


def published_default() -> RuleSet:
    """The shared default; raises NoPublishedRuleSet where there is none."""
    found = RuleSet.objects.filter(clinic=None, status=RuleSetStatus.PUBLISHED).first()
    if found is None:
        raise NoPublishedRuleSet('no rule set is published')
    return found
