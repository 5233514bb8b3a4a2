"""The rules in use, for pages of the lower floors."""

from django import template

from alerts.models import RuleSet
from alerts.queries.rules.in_force import NoPublishedRuleSet, rule_set_for
from clinic.models import Clinic

register = template.Library()


@register.simple_tag
def rules_in_use(clinic: Clinic) -> RuleSet | None:
    """The published rule set of a clinic; None when nothing is published, which the page must say."""
    try:
        return rule_set_for(clinic.pk)
    except NoPublishedRuleSet:
        return None
