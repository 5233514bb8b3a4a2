"""A changed rule in words: what it said, what it says, and whether it catches more or less."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import Catalogue, MissedRule, Rule, RuleSet, describe_rule
from alerts.engine.changes import AnyRule, NumberChange, RuleChange, Words, beside
from alerts.engine.stricter import never_looser
from alerts.models import TierChoice
from alerts.words.reasons import BASIS

# What a change does to what is caught, as far as the words of the rule prove it.
EFFECTS = {
    'added': gettext_lazy('New: catches what it did not ask for before'),
    'removed': gettext_lazy('Taken out: nothing is caught by it any more'),
    'same': gettext_lazy('Catches the same'),
    'more': gettext_lazy('Stricter: catches all it did, and more'),
    'fewer': gettext_lazy('Looser: catches less than it did'),
    'other': gettext_lazy('May miss some of what it caught'),
}
_NUMBERS = {
    'emergency': gettext_lazy('Answer an emergency within'),
    'urgent': gettext_lazy('Answer an urgent alert within'),
    'same_day': gettext_lazy('Answer a same-day alert within'),
    'follow_up_months': gettext_lazy('Keep a diary after the last dose for'),
}


@dataclass(frozen=True)
class Fact:
    """One thing beside the condition that is not the same: `label`, and both sides."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One rule that differs. `before` and `after` are its sentences as runs of words, empty on the side where it is not."""

    rule: str
    title: str
    tier: str
    effect: str
    before: tuple[Words, ...]
    after: tuple[Words, ...]
    facts: tuple[Fact, ...]

    @property
    def effect_label(self) -> str | Promise:
        return EFFECTS[self.effect]

    @property
    def is_weaker(self) -> bool:
        return self.effect in ('removed', 'fewer', 'other')


def change_words(change: RuleChange, before: RuleSet, after: RuleSet) -> Change:
    old, new = change.before, change.after
    rule = new or old
    assert rule is not None  # one of the two is there
    left, right = (sentence(one, before.catalogue) if one else '' for one in (old, new))
    sides = beside(left, right) if old and new else (_whole(left), _whole(right))
    return Change(
        rule.id, rule.title, change.tier.word, _effect(old, new), *sides, tuple(_facts(old, new)) if old and new else ()
    )


def number_words(change: NumberChange) -> Fact:
    unit = _('%(n)s months') if change.name == 'follow_up_months' else _('%(n)s minutes')
    return Fact(str(_NUMBERS[change.name]), unit % {'n': change.before}, unit % {'n': change.after})


def sentence(rule: AnyRule, catalogue: Catalogue) -> str:
    """The whole rule as one plain sentence."""
    if isinstance(rule, Rule):
        return describe_rule(rule, catalogue)
    words = {
        'tier': TierChoice(rule.tier.word).label,
        'car_t': rule.hours_car_t_day_0_to_30,
        'other': rule.hours_otherwise,
    }
    return (
        _(
            '%(tier)s for no diary entry in %(car_t)s hours (until day 30 after CAR T-cells) or %(other)s hours (otherwise).'
        )
        % words
    )


def _whole(text: str) -> tuple[Words, ...]:
    return (Words(text, False),) if text else ()


def _effect(old: AnyRule | None, new: AnyRule | None) -> str:
    if old is None or new is None:
        return 'removed' if new is None else 'added'
    kept, was_kept = _never_looser(old, new), _never_looser(new, old)
    if kept:
        return 'same' if was_kept else 'more'
    return 'fewer' if was_kept else 'other'


def _never_looser(old: AnyRule, new: AnyRule) -> bool:
    if isinstance(old, Rule) and isinstance(new, Rule):
        return never_looser(old, new)
    if isinstance(old, MissedRule) and isinstance(new, MissedRule):
        sooner = new.hours_otherwise <= old.hours_otherwise
        return sooner and new.tier >= old.tier and new.hours_car_t_day_0_to_30 <= old.hours_car_t_day_0_to_30
    return False


def _facts(old: AnyRule, new: AnyRule) -> Iterator[Fact]:
    pairs = (
        (_('Name'), old.title, new.title),
        (_('Tier'), str(TierChoice(old.tier.word).label), str(TierChoice(new.tier.word).label)),
        (_('Basis'), str(BASIS[old.basis]), str(BASIS[new.basis])),
        (_('Sources'), ', '.join(old.cites), ', '.join(new.cites)),
        (_('Answer within'), _within(old), _within(new)),
    )
    yield from (Fact(label, before, after) for label, before, after in pairs if before != after)


def _within(rule: AnyRule) -> str:
    minutes = rule.acknowledge_within_minutes if isinstance(rule, Rule) else None
    return _('%(n)s minutes') % {'n': minutes} if minutes else _('as its tier says')
