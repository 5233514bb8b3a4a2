"""The silent run of an approved draft: when it begins and when it ends. What it finds is written elsewhere."""

from datetime import datetime

from django.db import transaction

from alerts.models import RuleSet, RuleSetEventKind, SilentCheck, SilentFlag, SilentKind
from alerts.services.rules.drafting import lock_clinic, record
from clinic.models import User


class NotApproved(Exception):
    """Only a draft that a second person has approved runs, silently or not."""


class AnotherRuns(Exception):
    """One draft of a clinic runs silently at a time: `rule_set` does now."""

    def __init__(self, rule_set: RuleSet) -> None:
        super().__init__(str(rule_set))
        self.rule_set = rule_set


class NotOnTrial(Exception):
    """The draft does not run silently (any more)."""


def begin_trial(*, rule_set: RuleSet, by: User, now: datetime) -> RuleSet:
    """Let an approved draft run beside the rules in force; it tells nobody. Raises NotApproved, AnotherRuns.

    A draft that ran before begins anew: what it found then goes.
    """
    assert rule_set.clinic is not None  # the shared rules are published, never tried
    with transaction.atomic():
        lock_clinic(rule_set.clinic)
        found = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
        if not found.is_approved:
            raise NotApproved
        running = RuleSet.objects.filter(clinic=rule_set.clinic, trial_since__isnull=False, trial_until=None).first()
        if running is not None:
            raise AnotherRuns(running)
        _forget(found)
        found.trial_since, found.trial_until = now, None
        found.save(update_fields=['trial_since', 'trial_until'])
        record(found, RuleSetEventKind.TRIAL_BEGUN, by=by, now=now)
    return found


def end_trial(*, rule_set: RuleSet, by: User, now: datetime) -> RuleSet:
    """Stop the silent run; what it found stays to be read. Raises NotOnTrial."""
    with transaction.atomic():
        found = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
        if not found.on_trial:
            raise NotOnTrial
        end_trial_of(found, by=by, now=now)
    return found


def end_trial_of(rule_set: RuleSet, *, by: User, now: datetime) -> None:
    """End the run of a locked rule set, if it has one."""
    if rule_set.on_trial:
        rule_set.trial_until = now
        rule_set.save(update_fields=['trial_until'])
        record(rule_set, RuleSetEventKind.TRIAL_ENDED, by=by, now=now)


def _forget(rule_set: RuleSet) -> None:
    of_the_run = {'rule_set': rule_set, 'kind': SilentKind.TRIAL}
    SilentFlag.objects.filter(**of_the_run).delete()
    SilentCheck.objects.filter(**of_the_run).delete()
