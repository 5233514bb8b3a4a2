"""Where a rule set stands in its life, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts.models import RuleSet, RuleSetStatus


@dataclass(frozen=True)
class State:
    """`code` is draft, in_review, approved, in_force, retired or discarded. `is_live`: it decides about entries, or may soon."""

    code: str
    label: str | Promise

    @property
    def is_live(self) -> bool:
        return self.code in ('in_force', 'approved')


_LABELS = {
    'draft': _('draft'),
    'in_review': _('in review'),
    'approved': _('approved'),
    'in_force': _('in force'),
    'retired': _('retired'),
    'discarded': _('discarded'),
}


def state_of(rule_set: RuleSet) -> State:
    code = _code(rule_set)
    return State(code, _LABELS[code])


def _code(rule_set: RuleSet) -> str:
    if rule_set.is_approved:
        return 'approved'
    if rule_set.status == RuleSetStatus.RETIRED and rule_set.published_at is None:
        return 'discarded'
    return 'in_force' if rule_set.status == RuleSetStatus.PUBLISHED else str(rule_set.status)
