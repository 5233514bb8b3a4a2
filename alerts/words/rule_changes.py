"""A changed rule in words: what it said, what it says, and whether it catches more or less."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from alerts.engine import MissedRule, PhraseBook, Rule, describe_rule
from alerts.engine.changes import AnyRule, NumberChange, RuleChange, Words, beside
from alerts.engine.stricter import never_looser
from alerts.models import TierChoice
from alerts.words.reasons import BASIS
from alerts.words.titles import title_words

# What a change does to what is caught, as far as the words of the rule prove it.
EFFECTS = {
    'added': gettext_lazy('New: catches what it did not ask for before'),
    'removed': gettext_lazy('Taken out: nothing is caught by it any more'),
    'same': gettext_lazy('Catches the same'),
    'sooner': gettext_lazy('Stricter: catches the same, and is more pressing'),
    'later': gettext_lazy('Looser: catches the same, and is less pressing'),
    'more': gettext_lazy('Stricter: catches all it did, and more'),
    'fewer': gettext_lazy('Looser: catches less than it did'),
    'other': gettext_lazy('May miss some of what it caught'),
}
_MOST_MINUTES = 7 * 24 * 60
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
        return self.effect in ('removed', 'later', 'fewer', 'other')


def change_words(change: RuleChange, book: PhraseBook) -> Change:
    """A change that `compare` found."""
    return rule_words(change.before, change.after, book)


def rule_words(old: AnyRule | None, new: AnyRule | None, book: PhraseBook) -> Change:
    """One rule as it was and as it is; None where there is none. ValueError for none at all."""
    rule = new or old
    if rule is None:
        raise ValueError('a change has two sides, of which one may be empty')
    left, right = (sentence(one, book) if one else '' for one in (old, new))
    tier = max(one.tier for one in (old, new) if one)
    sides = beside(left, right) if old and new else (_whole(left), _whole(right))
    return Change(rule.id, rule.title, tier.word, _effect(old, new), *sides, facts(old, new) if old and new else ())


def number_words(change: NumberChange) -> Fact:
    words = _months if change.name == 'follow_up_months' else _minutes
    return Fact(str(_NUMBERS[change.name]), words(change.before), words(change.after))


def _months(n: int) -> str:
    return ngettext('%(n)s month', '%(n)s months', n) % {'n': n}


def _minutes(n: int) -> str:
    return ngettext('%(n)s minute', '%(n)s minutes', n) % {'n': n}


def sentence(rule: AnyRule, book: PhraseBook) -> str:
    """The whole rule as one plain sentence."""
    if isinstance(rule, Rule):
        return describe_rule(rule, book)
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
    kept, was_kept, pressing = _catches(old, new), _catches(new, old), _pressing(new) - _pressing(old)
    if kept and was_kept:
        return 'same' if not pressing else 'sooner' if pressing > 0 else 'later'
    if kept and new.tier >= old.tier:
        return 'more'
    return 'fewer' if was_kept and new.tier <= old.tier else 'other'


def _catches(old: AnyRule, new: AnyRule) -> bool:
    """Whether the new one catches, at whatever tier, all that the old one did."""
    if isinstance(old, Rule) and isinstance(new, Rule):
        return never_looser(old, replace(new, tier=old.tier))
    if isinstance(old, MissedRule) and isinstance(new, MissedRule):
        sooner = new.hours_otherwise <= old.hours_otherwise
        return sooner and new.hours_car_t_day_0_to_30 <= old.hours_car_t_day_0_to_30
    return False


def _pressing(rule: AnyRule) -> int:
    """More is sooner. A rule with minutes of its own is more pressing than its tier, never less."""
    own = rule.acknowledge_within_minutes if isinstance(rule, Rule) else None
    return rule.tier * _MOST_MINUTES + (_MOST_MINUTES - own if own else 0)


def facts(old: AnyRule, new: AnyRule) -> tuple[Fact, ...]:
    """What differs beside the conditions."""
    return tuple(_facts(old, new))


def _facts(old: AnyRule, new: AnyRule) -> Iterator[Fact]:
    pairs = (
        (_('Name'), title_words(old.id, old.title), title_words(new.id, new.title)),
        (_('Tier'), str(TierChoice(old.tier.word).label), str(TierChoice(new.tier.word).label)),
        (_('Basis'), str(BASIS[old.basis]), str(BASIS[new.basis])),
        (_('Sources'), ', '.join(old.cites), ', '.join(new.cites)),
        (_('Answer within'), _within(old), _within(new)),
    )
    yield from (Fact(label, before, after) for label, before, after in pairs if before != after)


def _within(rule: AnyRule) -> str:
    minutes = rule.acknowledge_within_minutes if isinstance(rule, Rule) else None
    return _minutes(minutes) if minutes else _('as its tier says')
