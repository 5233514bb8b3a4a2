"""What a clinic changed of the shared rules, who did it, when and why; and how one rule read in every version."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import MissedRule, PhraseBook, Rule, RuleError, describe_rule
from alerts.engine import RuleSet as Rules
from alerts.engine.changes import NumberChange, compare
from alerts.models import RuleSet, RuleSetEvent, RuleSetEventKind
from alerts.programs import compiled
from alerts.words.books import book_for
from clinic.models import Clinic

AnyRule = Rule | MissedRule
KINDS: Mapping[str, Promise] = {
    'added': gettext_lazy('Added by the clinic'),
    'changed': gettext_lazy('Changed by the clinic'),
    'left_out': gettext_lazy('Left out by the clinic'),
    'set_aside': gettext_lazy('Set aside by the clinic'),
}


@dataclass(frozen=True)
class Changed:
    """How a rule of the clinic stands to the shared one. `before` is the shared one, where there is one."""

    kind: str
    before: AnyRule | None
    who: str
    at: datetime | None
    why: str

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])


@dataclass(frozen=True)
class Version:
    """How a rule read from `at` on. `gone` where that version does not have it; `unread` where it cannot be read any more."""

    name: str
    at: datetime
    who: str
    why: str
    title: str = ''
    tier: str = ''
    sentence: str = ''
    gone: bool = False
    unread: bool = False

    @property
    def says(self) -> tuple[object, ...]:
        return self.title, self.tier, self.sentence, self.gone, self.unread


def changes_of(rule_set: RuleSet) -> dict[str, Changed]:
    """By rule id; empty for the shared rules. Raises RuleError where either cannot be read."""
    if rule_set.clinic_id is None or rule_set.default is None:
        return {}
    found = compare(compiled(rule_set.default).rules, compiled(rule_set).rules).rules
    events = _last_events(rule_set.clinic_id, [change.id for change in found])
    return {
        change.id: _changed(change.before, change.after, change.id, rule_set, events.get(change.id)) for change in found
    } | {
        rule: _aside(rule, rule_set, events.get(rule))
        for rule in rule_set.set_aside
        if rule not in {change.id for change in found}
    }


def number_changes(rule_set: RuleSet) -> tuple[NumberChange, ...]:
    """The deadlines that the clinic counts in other minutes than the shared rules do."""
    if rule_set.clinic_id is None or rule_set.default is None:
        return ()
    return compare(compiled(rule_set.default).rules, compiled(rule_set).rules).numbers


def _changed(
    before: AnyRule | None, after: AnyRule | None, rule: str, rule_set: RuleSet, event: RuleSetEvent | None
) -> Changed:
    kind = 'added' if before is None else 'left_out' if after is None else 'changed'
    if rule in rule_set.set_aside:
        kind = 'set_aside'
    return Changed(kind, before, *_by(rule, rule_set, event))


def _aside(rule: str, rule_set: RuleSet, event: RuleSetEvent | None) -> Changed:
    """Word for word the shared rule, but answered later: that takes a reason as well."""
    assert rule_set.default is not None
    return Changed('set_aside', find_rule(compiled(rule_set.default).rules, rule), *_by(rule, rule_set, event))


def _by(rule: str, rule_set: RuleSet, event: RuleSetEvent | None) -> tuple[str, datetime | None, str]:
    """Who, when and why: the step that changed this rule, else what is known of the whole set."""
    reason = rule_set.set_aside.get(rule, '')
    if event is not None:
        return _name(event.actor), event.at, reason or event.note or event.rule_set.why
    return _name(rule_set.published_by or rule_set.created_by), rule_set.published_at, reason or rule_set.why


def _name(person: Any) -> str:
    return str(person) if person else _('somebody')


def _last_events(clinic_id: int, rules: Iterable[str]) -> dict[str, RuleSetEvent]:
    """The latest step about each rule in a set of the clinic that came in force."""
    events = RuleSetEvent.objects.filter(
        rule_set__clinic=clinic_id,
        rule_set__published_at__isnull=False,
        kind=RuleSetEventKind.CHANGED,
        rule__in=list(rules),
    )
    found = events.select_related('actor', 'rule_set').defer('rule_set__content').order_by('at', 'pk')
    return {event.rule: event for event in found}


# -- one rule through all versions -----------------------------------------------------------------------------------------


def history_of(rule: str, clinic: Clinic) -> list[Version]:
    """Every version in force that read otherwise than the one before, newest first. Empty where no version ever had the rule.

    The shared rules count until the clinic had its own.
    """
    versions: list[Version] = []
    last: object = None
    for rule_set in _ever_in_force(clinic):
        mapping = _piece(rule, rule_set.content)
        if mapping == last:
            continue
        last, version = mapping, _version(rule, rule_set)
        if not versions or version.says != versions[-1].says:
            versions.append(version)
    while versions and versions[0].gone:
        versions.pop(0)
    return versions[::-1]


def _ever_in_force(clinic: Clinic) -> Iterator[RuleSet]:
    """In the order in which they came in force for this clinic."""
    published = RuleSet.objects.filter(Q(clinic=clinic) | Q(clinic=None), published_at__isnull=False)
    for rule_set in published.select_related('published_by').order_by('published_at', 'pk'):
        assert rule_set.published_at is not None
        if rule_set.clinic_id is not None or not _has_own(clinic, rule_set.published_at):
            yield rule_set


def _has_own(clinic: Clinic, at: datetime) -> bool:
    """Whether rules of the clinic's own were in force at that instant."""
    own = RuleSet.objects.filter(clinic=clinic, published_at__lte=at)
    return own.filter(Q(retired_at=None) | Q(retired_at__gt=at)).exists()


def _piece(rule: str, content: Mapping[str, Any]) -> object:
    """All that can change what the rule says; None where the version does not have it."""
    own = content['rules'].get(rule) or content.get('missed', {}).get(rule)
    return None if own is None else (own, content.get('macros', {}))


def _version(rule: str, rule_set: RuleSet) -> Version:
    assert rule_set.published_at is not None
    who = str(rule_set.published_by) if rule_set.published_by else ''
    name = str(rule_set) if rule_set.clinic_id else _('Shared rules, version %(n)s') % {'n': rule_set.version}
    why = rule_set.set_aside.get(rule) or rule_set.why
    head = (name, rule_set.published_at, who, why)
    try:
        rules = compiled(rule_set).rules
    except RuleError:
        return Version(*head, unread=True)
    found = find_rule(rules, rule)
    if found is None:
        return Version(*head, gone=True)
    return Version(*head, found.title, found.tier.word, sentence_of(found, book_for(rules.catalogue)))


def find_rule(rules: Rules, rule: str) -> AnyRule | None:
    return rules.rules.get(rule) or rules.missed.get(rule)


def sentence_of(rule: AnyRule, book: PhraseBook) -> str:
    """The whole rule as one sentence."""
    if isinstance(rule, Rule):
        return describe_rule(rule, book)
    hours = {'usual': rule.hours_otherwise, 'car_t': rule.hours_car_t_day_0_to_30}
    return (
        _(
            'The care team looks today when nothing was written for %(usual)s hours; in the first 30 days after CAR T-cells for '
            '%(car_t)s hours.'
        )
        % hours
    )
