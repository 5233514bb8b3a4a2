"""The end of a draft: published after the approval of a second person, or discarded. Each step is one transaction, on record."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from alerts.models import RuleSet, RuleSetEventKind, RuleSetStatus
from alerts.queries.rules.in_force import published_default
from alerts.services.rules.checking import read_rules
from alerts.services.rules.drafting import lock_clinic, record
from alerts.services.rules.life_trial import NotApproved, end_trial_of
from alerts.services.rules.reviewing import NotInReview, must_be_admin, must_be_current
from clinic.models import Clinic, User


def publish(*, rule_set: RuleSet, by: User, now: datetime) -> RuleSet:
    """Put an approved draft in force: the next entry is checked by it. Any admin of the clinic may.

    A draft that says word for word what the shared rules say ends the clinic's own rules: it goes down as published and retired at
    once, and the shared rules hold again, their later versions too.

    Raises NotAnAdmin, NotApproved (also for what has been published already), Overtaken, RuleError.
    """
    assert rule_set.clinic is not None  # the shared rules are published by publish_default
    must_be_admin(rule_set, by)
    with transaction.atomic():
        _lock_in_force(rule_set.clinic)
        found = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
        if not found.is_approved:
            raise NotApproved
        must_be_current(found)
        read_rules(found.content)  # the catalogue may have changed since it was handed in
        end_trial_of(found, by=by, now=now)
        _retire_the_one_before(found, by=by, now=now)
        found.status, found.published_at, found.published_by = RuleSetStatus.PUBLISHED, now, by
        found.save(update_fields=['status', 'published_at', 'published_by'])
        record(found, RuleSetEventKind.PUBLISHED, by=by, now=now)
        if is_as_shared(found):
            _retire(found, by=by, now=now, note='')
    return found


def is_as_shared(rule_set: RuleSet) -> bool:
    """Whether a clinic's set says just what the shared rules say now."""
    return bool(rule_set.content == published_default().content)


def discard(*, rule_set: RuleSet, by: User, note: str, now: datetime) -> RuleSet:
    """Give up a draft, in review or not; it stays on record. Raises NotAnAdmin, NotInReview."""
    must_be_admin(rule_set, by)
    with transaction.atomic():
        found = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
        if found.status not in (RuleSetStatus.DRAFT, RuleSetStatus.IN_REVIEW):
            raise NotInReview
        end_trial_of(found, by=by, now=now)
        found.status, found.retired_at = RuleSetStatus.RETIRED, now
        found.save(update_fields=['status', 'retired_at'])
        record(found, RuleSetEventKind.DISCARDED, by=by, now=now, note=note.strip())
    return found


def _lock_in_force(clinic: Clinic) -> None:
    """Whoever publishes for this clinic, or the shared rules, comes one after the other."""
    lock_clinic(clinic)
    in_force = RuleSet.objects.filter(Q(clinic=clinic) | Q(clinic=None), status=RuleSetStatus.PUBLISHED)
    list(in_force.select_for_update().order_by('pk').values_list('pk', flat=True))


def _retire_the_one_before(rule_set: RuleSet, *, by: User, now: datetime) -> None:
    for before in RuleSet.objects.filter(clinic=rule_set.clinic_id, status=RuleSetStatus.PUBLISHED).defer('content'):
        _retire(before, by=by, now=now, note=str(rule_set))


def _retire(rule_set: RuleSet, *, by: User, now: datetime, note: str) -> None:
    rule_set.status, rule_set.retired_at = RuleSetStatus.RETIRED, now
    rule_set.save(update_fields=['status', 'retired_at'])
    record(rule_set, RuleSetEventKind.RETIRED, by=by, now=now, note=note)
