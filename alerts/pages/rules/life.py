"""What the page of one rule set shows: its rules in words, what it changes and sets aside, its life, what may be done now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from alerts.engine import Catalogue, RuleError, Tier
from alerts.engine import RuleSet as Rules
from alerts.engine.changes import AnyRule, Comparison, Words, compare
from alerts.models import Citation, Replay, ReplayState, RuleSet, RuleSetEvent, RuleSetEventKind
from alerts.queries.rules.in_force import published_default, rule_set_for
from alerts.queries.rules.replay import replays_of
from alerts.services.rules.checking import as_they_were, is_reason, rules_to_set_aside
from alerts.services.rules.publishing import is_as_shared
from alerts.services.rules.reviewing import hands_on
from alerts.words.books import book_for
from alerts.words.problems import in_words
from alerts.words.reasons import BASIS
from alerts.words.rule_changes import Change, Fact, number_words, rule_words, sentence
from alerts.words.rule_sets import state_of
from clinic.models import Clinic, Membership, User
from diary.catalogue import engine_mapping

SHARED = 'shared'


@dataclass(frozen=True)
class Row:
    """One rule of the list. `differs` says how it stands to the shared rules: '' (the same), added, changed."""

    id: str
    title: str
    sentence: str
    basis: str
    is_substitute: bool
    sources: tuple[Citation, ...]
    differs: str
    aside: str


@dataclass(frozen=True)
class Group:
    tier: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Aside:
    """An emergency rule of the shared rules that the set loosens or leaves out. `ours` is empty where it is left out."""

    rule: str
    title: str
    shared: tuple[Words, ...]
    ours: tuple[Words, ...]
    facts: tuple[Fact, ...]
    reason: str

    @property
    def is_missing(self) -> bool:
        return not is_reason(self.reason)


class SetPage:
    """Everything about one set that its page shows; what is costly is worked out once, when it is asked for."""

    def __init__(self, rule_set: RuleSet, *, clinic: Clinic, user: User, against: str = '') -> None:
        self.rule_set, self.clinic, self.user = rule_set, clinic, user
        self.state = state_of(rule_set)
        self.is_against_shared = against == SHARED and rule_set.default_id is not None
        self.catalogue = Catalogue.parse(engine_mapping())
        self.book = book_for(self.catalogue)
        self.rules, self.error = _read(rule_set, self.catalogue)

    # -- the rules --------------------------------------------------------------------------------------------------------
    @cached_property
    def groups(self) -> list[Group]:
        """By tier, the most pressing first."""
        rules: Iterable[AnyRule] = (*self.rules.rules.values(), *self.rules.missed.values()) if self.rules else ()
        by_tier: dict[Tier, list[AnyRule]] = defaultdict(list)
        for rule in rules:
            by_tier[rule.tier].append(rule)
        cited = _sources(rules)
        return [
            Group(tier.word, tuple(self._row(rule, cited) for rule in sorted(by_tier[tier], key=lambda one: one.id)))
            for tier in sorted(by_tier, reverse=True)
        ]

    def _row(self, rule: AnyRule, cited: Mapping[str, Citation]) -> Row:
        return Row(
            rule.id,
            rule.title,
            sentence(rule, self.book),
            str(BASIS[rule.basis]),
            rule.basis == 'substitute',
            tuple(cited[code] for code in rule.cites if code in cited),
            self._differs.get(rule.id, ''),
            self.rule_set.set_aside.get(rule.id, ''),
        )

    @cached_property
    def count(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @cached_property
    def _differs(self) -> dict[str, str]:
        """How each rule stands to the shared rules that the set stands on."""
        found = self._compared_with(self.rule_set.default)
        return {one.id: 'added' if one.before is None else 'changed' for one in found.rules} if found else {}

    # -- what it changes --------------------------------------------------------------------------------------------------
    @property
    def against(self) -> RuleSet | None:
        """What it is compared with: what was in force when the draft began, or the shared rules that it stands on."""
        return self.rule_set.default if self.is_against_shared else self.rule_set.based_on

    @cached_property
    def changes(self) -> list[Change]:
        found = self._compared_with(self.against)
        return [rule_words(one.before, one.after, self.book) for one in found.rules] if found else []

    @cached_property
    def numbers(self) -> list[Fact]:
        found = self._compared_with(self.against)
        return [number_words(one) for one in found.numbers] if found else []

    @cached_property
    def notes(self) -> dict[str, list[RuleSetEvent]]:
        """What was said of each rule as it was changed, the newest last."""
        found: dict[str, list[RuleSetEvent]] = defaultdict(list)
        for event in self.events:
            if event.kind == RuleSetEventKind.CHANGED and event.rule and 'set_aside' not in event.detail:
                found[event.rule].append(event)
        return dict(found)

    def _compared_with(self, other: RuleSet | None) -> Comparison | None:
        if other is None or self.rules is None:
            return None
        before, _error = _read(other, self.catalogue)
        return compare(before, self.rules) if before else None

    # -- what it sets aside -----------------------------------------------------------------------------------------------
    @cached_property
    def asides(self) -> list[Aside]:
        default, rules = self.rule_set.default, self.rules
        shared = _read(default, self.catalogue)[0] if default else None
        if shared is None or rules is None:
            return []
        theirs: dict[str, AnyRule] = {**shared.rules, **shared.missed}
        ours: dict[str, AnyRule] = {**rules.rules, **rules.missed}
        return [self._aside(theirs[name], ours.get(name)) for name in rules_to_set_aside(self.rule_set)]

    def _aside(self, shared: AnyRule, ours: AnyRule | None) -> Aside:
        change = rule_words(shared, ours, self.book)
        reason = self.rule_set.set_aside.get(shared.id, '')
        return Aside(shared.id, shared.title, change.before, change.after, change.facts, reason)

    @property
    def missing(self) -> list[Aside]:
        return [aside for aside in self.asides if aside.is_missing]

    # -- its life ---------------------------------------------------------------------------------------------------------
    @cached_property
    def events(self) -> list[RuleSetEvent]:
        return list(self.rule_set.events.select_related('actor'))

    @cached_property
    def approval(self) -> RuleSetEvent | None:
        return next((one for one in reversed(self.events) if one.kind == RuleSetEventKind.APPROVED), None)

    @cached_property
    def sent_back(self) -> RuleSetEvent | None:
        """Why a draft was given back, until it is handed in again."""
        steps = (RuleSetEventKind.SUBMITTED, RuleSetEventKind.SENT_BACK)
        last = next((one for one in reversed(self.events) if one.kind in steps), None)
        return last if last and last.kind == RuleSetEventKind.SENT_BACK and self.state.code == 'draft' else None

    @cached_property
    def overtaken_by(self) -> RuleSet | None:
        """What is in force now, where that is not what the draft began with."""
        if self.rule_set.clinic_id is None or self.state.code not in ('draft', 'in_review', 'approved'):
            return None
        current = rule_set_for(self.clinic.pk)
        return None if current.pk == self.rule_set.based_on_id else current

    @cached_property
    def newer_shared(self) -> RuleSet | None:
        """The newest shared rules, where a draft stands on older ones."""
        if self.state.code != 'draft' or self.rule_set.default_id is None:
            return None
        newest = published_default()
        return None if newest.pk == self.rule_set.default_id else newest

    @cached_property
    def ends_own_rules(self) -> bool:
        """Whether publishing it would put the clinic back on the shared rules."""
        return self.rule_set.clinic_id is not None and is_as_shared(self.rule_set)

    @cached_property
    def replayed(self) -> Replay | None:
        """The newest replay that ran to its end with just what the set says now."""
        found = replays_of(self.clinic).filter(rule_set=self.rule_set, digest=self.rule_set.digest)
        return found.filter(state=ReplayState.DONE).first()

    @property
    def unreplayed(self) -> str:
        """Why it was handed in although nobody had seen what it would have done; empty where somebody had, and for a draft."""
        last = next((one for one in reversed(self.events) if one.kind == RuleSetEventKind.SUBMITTED), None)
        return last.detail.get('unreplayed', '') if last and self.state.code != 'draft' else ''

    # -- who may do what --------------------------------------------------------------------------------------------------
    @cached_property
    def _hands_on(self) -> frozenset[int]:
        return hands_on(self.rule_set)

    @property
    def may_approve(self) -> bool:
        return self.state.code == 'in_review' and self.user.pk not in self._hands_on and not self.is_against_shared

    @cached_property
    def reviewers(self) -> list[Membership]:
        """The admins who can approve it."""
        return list(admins_of(self.clinic).exclude(user__in=self._hands_on))

    @property
    def to_read(self) -> list[str]:
        """What a reviewer says that she has read, one by one."""
        return [change.rule for change in self.changes] + (['numbers'] if self.numbers else [])

    @property
    def is_kept(self) -> bool:
        """Whether it was in force, or is: it can be published again."""
        return self.rule_set.published_at is not None


def admins_of(clinic: Clinic) -> QuerySet[Membership]:
    found = clinic.memberships.filter(active=True, is_admin=True, user__is_active=True)
    return found.select_related('user').order_by('user__name')


def _read(rule_set: RuleSet, catalogue: Catalogue) -> tuple[Rules | None, str]:
    """The rules, or why they cannot be read: a set of long ago may name what the catalogue no longer has."""
    try:
        return as_they_were(rule_set.content, catalogue), ''
    except RuleError as wrong:
        return None, in_words(wrong)


def _sources(rules: Iterable[AnyRule]) -> dict[str, Citation]:
    codes = {code for rule in rules for code in rule.cites}
    return {row.code: row for row in Citation.objects.filter(code__in=codes).select_related('document')}
