"""Where a rule set stands in its life, in words."""

from django import template

from alerts.models import RuleSet
from alerts.words.rule_sets import State, state_of

register = template.Library()


@register.simple_tag
def set_state(rule_set: RuleSet) -> State:
    return state_of(rule_set)
