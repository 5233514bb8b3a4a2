"""A second person reads the draft: handing in, sending back, approving. Each step is one transaction, on record.

Nobody approves her own words: not the author, not whoever changed anything in the draft, not whoever handed it in.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from alerts.models import RuleSet, RuleSetEvent, RuleSetEventKind, RuleSetStatus
from alerts.queries.rules.effect import replayed
from alerts.queries.rules.in_force import rule_set_for
from alerts.services.rules.checking import is_reason, read_rules, rules_to_set_aside
from alerts.services.rules.drafting import NoReason, locked, record
from alerts.services.rules.life_trial import end_trial_of
from clinic.models import Membership, User


class NotInReview(Exception):
    """The rule set is not (or no longer) handed in, or it has been approved already."""


class NotAnAdmin(Exception):
    """Only an admin of the clinic decides about its rules."""


class OwnWork(Exception):
    """The author, somebody who changed the draft, or who handed it in, cannot approve it."""


class WhyMissing(Exception):
    """A draft is handed in with a name and the reason for the change."""


class NothingChanged(Exception):
    """The draft says what is in force already."""


class NotReplayed(Exception):
    """Nobody has seen what the draft, as it reads now, would have done in the last 90 days, and no reason was typed."""


class ReasonsMissing(Exception):
    """Emergency rules of the shared default are loosened or left out, without a reason: `rules` are their ids."""

    def __init__(self, rules: Collection[str]) -> None:
        super().__init__(', '.join(rules))
        self.rules = tuple(rules)


class Overtaken(Exception):
    """Another version was published since the draft began: `current` is in force now."""

    def __init__(self, current: RuleSet) -> None:
        super().__init__(f'{current} was published meanwhile')
        self.current = current


def submit(
    *, draft: RuleSet, by: User, seen: int, now: datetime, title: str, why: str, unreplayed: str = ''
) -> RuleSet:
    """Hand a draft in for review. Any admin may; from then on its words are fixed. `unreplayed` is the reason for handing it in
    although nobody has seen what it would have done; the reviewer reads it.

    Raises NotAnAdmin, NotADraft, DraftChanged, WhyMissing, Overtaken, NothingChanged, ReasonsMissing, NotReplayed, RuleError.
    """
    must_be_admin(draft, by)
    if not title.strip() or not why.strip():
        raise WhyMissing
    with transaction.atomic():
        draft = locked(draft, seen=seen)
        _check(draft)
        detail = _effect_seen(draft, unreplayed, now=now)
        draft.status, draft.submitted_at = RuleSetStatus.IN_REVIEW, now
        draft.title, draft.why = title.strip(), why.strip()
        draft.save(update_fields=['status', 'submitted_at', 'title', 'why'])
        record(draft, RuleSetEventKind.SUBMITTED, by=by, now=now, note=draft.why, detail=detail)
    return draft


def _effect_seen(draft: RuleSet, reason: str, *, now: datetime) -> dict[str, str]:
    """What the record keeps of it: nothing where it was replayed, else the reason why not."""
    assert draft.clinic is not None  # an admin's draft: the shared rules are handed in nowhere
    if replayed(draft, today=now.astimezone(draft.clinic.zone).date()):
        return {}
    if not is_reason(reason):
        raise NotReplayed
    return {'unreplayed': reason.strip()}


def _check(draft: RuleSet) -> None:
    """What must be true of a draft before somebody else spends time on it."""
    must_be_current(draft)
    read_rules(draft.content)
    if draft.based_on and draft.content == draft.based_on.content and draft.default_id == _default_of(draft.based_on):
        raise NothingChanged
    missing = [rule for rule in rules_to_set_aside(draft) if not is_reason(draft.set_aside.get(rule, ''))]
    if missing:
        raise ReasonsMissing(missing)


def _default_of(rule_set: RuleSet) -> int | None:
    return rule_set.pk if rule_set.clinic_id is None else rule_set.default_id


def send_back(*, rule_set: RuleSet, by: User, note: str, now: datetime) -> RuleSet:
    """Give the draft back to be changed, with a word on why; an approval is gone with that.

    Raises NotAnAdmin, NotInReview, NoReason.
    """
    must_be_admin(rule_set, by)
    if not note.strip():
        raise NoReason
    with transaction.atomic():
        return reopen(in_review(rule_set), by=by, note=note.strip(), now=now)


def reopen(rule_set: RuleSet, *, by: User, note: str, now: datetime) -> RuleSet:
    """A locked rule set in review becomes a draft again."""
    end_trial_of(rule_set, by=by, now=now)
    rule_set.status, rule_set.submitted_at = RuleSetStatus.DRAFT, None
    rule_set.reviewed_at, rule_set.reviewed_by = None, None
    rule_set.trial_since, rule_set.trial_until = None, None  # the words that ran are about to change
    fields = ['status', 'submitted_at', 'reviewed_at', 'reviewed_by', 'trial_since', 'trial_until']
    rule_set.save(update_fields=fields)
    record(rule_set, RuleSetEventKind.SENT_BACK, by=by, now=now, note=note)
    return rule_set


def approve(*, rule_set: RuleSet, by: User, seen: int, now: datetime, note: str = '') -> RuleSet:
    """Say as a second person that the draft is right. `seen` is its `edits` as she read it.

    Raises NotAnAdmin, NotInReview, OwnWork, DraftChanged.
    """
    must_be_admin(rule_set, by)
    with transaction.atomic():
        found = in_review(rule_set, seen=seen)
        if found.reviewed_at is not None:
            raise NotInReview
        if by.pk in hands_on(found):
            raise OwnWork
        found.reviewed_at, found.reviewed_by = now, by
        found.save(update_fields=['reviewed_at', 'reviewed_by'])
        record(found, RuleSetEventKind.APPROVED, by=by, now=now, note=note.strip())
    return found


def hands_on(rule_set: RuleSet) -> frozenset[int]:
    """Who began, changed or last handed in the draft: the primary keys of those who cannot approve it."""
    events = RuleSetEvent.objects.filter(rule_set=rule_set)
    changers = set(events.filter(kind=RuleSetEventKind.CHANGED).values_list('actor', flat=True))
    last = events.filter(kind=RuleSetEventKind.SUBMITTED).order_by('-at', '-pk').values_list('actor', flat=True).first()
    return frozenset(pk for pk in (*changers, last, rule_set.created_by_id) if pk is not None)


def in_review(rule_set: RuleSet, *, seen: int | None = None) -> RuleSet:
    """The row, locked and as it is now."""
    found = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if found.status != RuleSetStatus.IN_REVIEW or (seen is not None and found.edits != seen):
        raise NotInReview
    return found


def must_be_admin(rule_set: RuleSet, by: User) -> None:
    """The gate lets in nobody else; the words of a clinic's rules are worth asking twice."""
    if not Membership.objects.filter(clinic=rule_set.clinic_id, user=by, active=True, is_admin=True).exists():
        raise NotAnAdmin


def must_be_current(rule_set: RuleSet) -> None:
    """Raises Overtaken where other rules are in force than those that the draft began with."""
    assert rule_set.clinic_id is not None  # only a clinic's sets have a life
    current = rule_set_for(rule_set.clinic_id)
    if current.pk != rule_set.based_on_id:
        raise Overtaken(current)
