"""Where a rule set stands in its life, and what happened to it, in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from alerts.models import RuleSet, RuleSetEvent, RuleSetEventKind, RuleSetStatus


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


_HAPPENED = {
    RuleSetEventKind.BEGUN: _('began the draft'),
    RuleSetEventKind.SUBMITTED: _('handed it in for review'),
    RuleSetEventKind.SENT_BACK: _('gave it back to be changed'),
    RuleSetEventKind.APPROVED: _('approved it'),
    RuleSetEventKind.TRIAL_BEGUN: _('let it run silently'),
    RuleSetEventKind.TRIAL_ENDED: _('ended the silent run'),
    RuleSetEventKind.PUBLISHED: _('published it'),
    RuleSetEventKind.RETIRED: _('retired it'),
    RuleSetEventKind.DISCARDED: _('gave it up'),
}


def happened_words(event: RuleSetEvent) -> str:
    """What stands after the person's name."""
    if event.kind != RuleSetEventKind.CHANGED:
        return str(_HAPPENED[RuleSetEventKind(event.kind)])
    return _changed(event.rule, event.detail)


def _changed(rule: str, detail: dict[str, Any]) -> str:
    if 'set_aside' in detail:
        return gettext('gave the reason for setting %(rule)s aside') % {'rule': rule}
    if 'taken' in detail:
        n = len(detail['taken'])
        return ngettext('took %(n)d change in', 'took %(n)d changes in', n) % {'n': n}
    if not rule:
        return gettext('changed the whole draft')
    if detail.get('after') is None:
        return gettext('took %(rule)s out') % {'rule': rule}
    words = gettext('changed %(rule)s') if detail.get('before') else gettext('added %(rule)s')
    return words % {'rule': rule}
