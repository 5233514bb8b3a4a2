"""Where a rule set stands in its life, and what happened to it, in words."""

from collections.abc import Mapping, Sequence

from django import template
from django.forms import BoundField, Form

from alerts.models import RuleSet, RuleSetEvent
from alerts.words.rule_sets import State, happened_words, state_of

register = template.Library()


@register.simple_tag
def set_state(rule_set: RuleSet) -> State:
    return state_of(rule_set)


@register.simple_tag
def event_words(event: RuleSetEvent) -> str:
    return happened_words(event)


@register.filter
def at(found: Mapping[str, Sequence[RuleSetEvent]], key: str) -> Sequence[RuleSetEvent]:
    """What a mapping has under a name; nothing where it has none."""
    return found.get(key, ())


@register.simple_tag
def bound(form: Form, name: str) -> BoundField:
    """A field whose name is only known here."""
    return form[name]
