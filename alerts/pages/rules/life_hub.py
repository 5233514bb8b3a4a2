"""What the hub of the rules shows: what is in force, drafts, history, and whether the shared rules have learnt something."""

from dataclasses import dataclass

from alerts.engine import Catalogue, RuleError
from alerts.engine.changes import RuleChange, compare
from alerts.models import RuleSet, RuleSetStatus
from alerts.queries.rules.in_force import NoPublishedRuleSet, published_default, rule_set_for
from alerts.queries.rules.life import rule_sets_of
from alerts.services.rules.checking import as_they_were
from alerts.services.rules.reviewing import hands_on
from alerts.words.rule_sets import State, state_of
from clinic.models import Clinic, User
from diary.catalogue import engine_mapping


@dataclass(frozen=True)
class Draft:
    """A set that is being worked at. `waits_for_me`: it is in review, and this person may approve it."""

    rule_set: RuleSet
    state: State
    waits_for_me: bool
    is_overtaken: bool


@dataclass(frozen=True)
class News:
    """Shared rules that are newer than those the clinic's set stands on, and what they change."""

    shared: RuleSet
    changes: tuple[RuleChange, ...]


@dataclass(frozen=True)
class Hub:
    """`in_force` is None where nothing is published, which the page must say."""

    in_force: RuleSet | None
    shared: RuleSet | None
    news: News | None
    drafts: list[Draft]
    history: list[RuleSet]
    discarded: list[RuleSet]
    older_shared: list[RuleSet]

    @property
    def is_own(self) -> bool:
        return self.in_force is not None and self.in_force.clinic_id is not None


def hub_of(clinic: Clinic, *, user: User) -> Hub:
    sets = list(rule_sets_of(clinic))
    own = [one for one in sets if one.clinic_id]
    in_force, shared = _in_force(clinic)
    retired = [one for one in own if one.status == RuleSetStatus.RETIRED]
    return Hub(
        in_force,
        shared,
        _news(in_force, shared),
        [_draft(one, in_force, user) for one in own if one.status in (RuleSetStatus.DRAFT, RuleSetStatus.IN_REVIEW)],
        sorted((one for one in own if one.published_at), key=lambda one: (one.published_at, one.pk), reverse=True),
        [one for one in retired if one.published_at is None],
        [one for one in sets if one.clinic_id is None and one.status == RuleSetStatus.RETIRED],
    )


def _in_force(clinic: Clinic) -> tuple[RuleSet | None, RuleSet | None]:
    try:
        return rule_set_for(clinic.pk), published_default()
    except NoPublishedRuleSet:
        return None, None


def _draft(rule_set: RuleSet, in_force: RuleSet | None, user: User) -> Draft:
    state = state_of(rule_set)
    overtaken = in_force is not None and rule_set.based_on_id != in_force.pk
    return Draft(rule_set, state, state.code == 'in_review' and user.pk not in hands_on(rule_set), overtaken)


def _news(in_force: RuleSet | None, shared: RuleSet | None) -> News | None:
    if in_force is None or shared is None or in_force.default is None or in_force.default_id == shared.pk:
        return None
    return News(shared, _changes(in_force.default, shared))


def _changes(before: RuleSet, after: RuleSet) -> tuple[RuleChange, ...]:
    """None where the older rules cannot be read any more."""
    catalogue = Catalogue.parse(engine_mapping())
    try:
        return compare(as_they_were(before.content, catalogue), as_they_were(after.content, catalogue)).rules
    except RuleError:
        return ()
