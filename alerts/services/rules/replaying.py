"""Asking for a replay, cancelling it, and helping one on whose workers or messages were lost."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts import hints
from alerts.models import Replay, ReplayBatch, ReplayFlag, ReplayState, RuleSet
from alerts.queries.rules.in_force import rule_set_for
from alerts.services.rules.checking import read_rules
from clinic.models import Clinic, User

TASK = 'alerts.tasks.replay'
QUEUE = 'reports'  # never urgent: an entry must not wait for a replay
WORKERS = 2
LEASE = timedelta(seconds=20)  # without a batch done or begun for so long, nobody is at it
LONGEST = timedelta(days=731)
UNFINISHED = (ReplayState.WAITING, ReplayState.RUNNING)


class NoSuchDays(ValueError):
    """The days asked for end before they begin, lie ahead, or are more than two years."""


def ask(*, rule_set: RuleSet, clinic: Clinic, by: User, since: date, until: date, now: datetime) -> Replay:
    """A replay of a rule set as it is now over a clinic's local days `since` to `until`; the one under way if there is one.

    Raises NoSuchDays, NoPublishedRuleSet, and RuleError where the rules do not fit the catalogue of now.
    """
    if not since <= until <= now.astimezone(clinic.zone).date() or until - since > LONGEST:
        raise NoSuchDays
    with transaction.atomic():
        rule_set = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
        running = Replay.objects.filter(clinic=clinic, rule_set=rule_set, state__in=UNFINISHED).first()
        if running is not None:
            return running
        read_rules(rule_set.content)
        replay = Replay.objects.create(
            clinic=clinic,
            rule_set=rule_set,
            against=rule_set_for(clinic.pk),
            digest=rule_set.digest,
            content=rule_set.content,
            since=since,
            until=until,
            asked_by=by,
            asked_at=now,
            leased_until=now + LEASE,
        )
        _send(replay.pk)
    return replay


def cancel(*, replay: Replay, now: datetime) -> Replay:
    """Stop it: from here on no worker can store anything of it. One that has ended is left as it is."""
    with transaction.atomic():
        replay = Replay.objects.select_for_update(of=('self',)).get(pk=replay.pk)
        if replay.state in UNFINISHED:
            replay.state, replay.cancel_asked_at, replay.finished_at = ReplayState.CANCELLED, now, now
            replay.save(update_fields=['state', 'cancel_asked_at', 'finished_at'])
    return replay


def sweep(*, now: datetime) -> int:
    """Call workers to replays that nobody is at, and throw away what nobody can open any more. Returns how many were called to."""
    _tidy()
    lost = Replay.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), state__in=UNFINISHED)
    called = 0
    for replay in lost.order_by('asked_at'):
        mine = lost.filter(pk=replay.pk).update(leased_until=now + LEASE)
        if mine:
            _send(replay.pk)
        called += mine
    return called


def _send(replay_id: int) -> None:
    """One message for each worker that may share it. A lost one costs the seconds until the sweep."""
    for _ in range(WORKERS):
        transaction.on_commit(lambda: hints.send(TASK, replay_id, to=QUEUE))


def _tidy() -> None:
    """The single flags are kept of the newest replay of a rule set; what a cancelled or failed one left goes altogether.

    Batches are there until then, so that nothing is looked through twice.
    """
    same = {'clinic': OuterRef('clinic'), 'rule_set': OuterRef('rule_set')}
    newer = Replay.objects.filter(**same, state=ReplayState.DONE, pk__gt=OuterRef('pk'))
    batches = ReplayBatch.objects.filter(replay=OuterRef('pk'))
    over = Replay.objects.exclude(state__in=UNFINISHED).filter(Exists(batches))
    for replay in over.filter(~Q(state=ReplayState.DONE) | Exists(newer)):
        with transaction.atomic():
            ReplayFlag.objects.filter(replay=replay).delete()
            if replay.state != ReplayState.DONE:
                replay.cases.all().delete()
            replay.batches.all().delete()
