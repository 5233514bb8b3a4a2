"""The rules in use, for pages of the lower floors."""

from dataclasses import dataclass

from django import template

from alerts.models import RuleSet, RuleSetStatus
from alerts.queries.rules.in_force import NoPublishedRuleSet, rule_set_for
from alerts.words.rule_sets import State, state_of
from clinic.models import Clinic

register = template.Library()


@dataclass(frozen=True)
class Draft:
    pk: int
    title: str
    state: State


@register.simple_tag
def rules_in_use(clinic: Clinic) -> RuleSet | None:
    """The published rule set of a clinic; None when nothing is published, which the page must say."""
    try:
        return rule_set_for(clinic.pk)
    except NoPublishedRuleSet:
        return None


@register.simple_tag
def rule_drafts(clinic: Clinic) -> list[Draft]:
    """The drafts that somebody works at or that wait for a review, the newest first."""
    open_ = RuleSet.objects.filter(clinic=clinic, status__in=[RuleSetStatus.DRAFT, RuleSetStatus.IN_REVIEW])
    return [Draft(one.pk, one.title, state_of(one)) for one in open_.defer('content')]
