"""A made-up clinic with a month behind it, a draft of its rules, and a replay run to its end in this process."""

import copy
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from alerts.engine.replay_counts import Tally
from alerts.models import Flag, Replay, ReplayFlag, ReplayState, RuleSet
from alerts.queries.rules.in_force import published_default
from alerts.services.rules import drafting, replay_run, replaying
from clinic.models import Clinic, User
from config.demo.play import play
from tests import cast
from tests.cast import NOW

DAYS = 16


def tell(patients: int = 9, seed: int = 1) -> Clinic:
    """The demo's story, which its nurses worked; the bigger clinic of the two."""
    play(patients=patients, days=DAYS, seed=seed, until=NOW, quiet=True)
    return Clinic.objects.get(name='Riverside Cancer Center')


def author(clinic: Clinic) -> User:
    return cast.make_member(clinic, 'Vera Lang', is_admin=True).user


def draft_of(clinic: Clinic, by: User, changes: Mapping[str, Mapping[str, Any] | None] | None = None) -> RuleSet:
    """A draft from the rules in force; `changes` puts keys of a rule's mapping in place, or takes the rule out (None)."""
    draft = drafting.begin(clinic=clinic, by=by, title='Quieter nights', why='To see what it does', now=NOW)
    content = copy.deepcopy(draft.content)
    for rule, change in (changes or {}).items():
        if change is None:
            del content['rules'][rule]
        else:
            content['rules'][rule] = {**content['rules'].get(rule, {}), **change}
    return drafting.replace_content(draft=draft, content=content, by=by, seen=draft.edits, now=NOW)


def asked(draft: RuleSet, by: User, *, since: date | None = None, until: date | None = None) -> Replay:
    days = {'since': since or NOW.date() - timedelta(days=90), 'until': until or NOW.date()}
    assert draft.clinic is not None
    return replaying.ask(rule_set=draft, clinic=draft.clinic, by=by, **days, now=NOW)


def run(replay: Replay) -> Replay:
    """To its end, by one worker."""
    while replay_run.work(replay_id=replay.pk, for_seconds=0, clock=timezone.now):
        pass
    replay.refresh_from_db()
    assert replay.state == ReplayState.DONE, (replay.state, replay.error)
    return replay


Told = set[tuple[int, str, str]]


def told_by(replay: Replay, side: str) -> Told:
    """(revision, rule, tier) of a replay's flags of one side."""
    flags = ReplayFlag.objects.filter(replay=replay, **{side: True})
    return set(flags.values_list('revision', 'rule', 'tier'))


def stored(clinic: Clinic) -> Told:
    """(revision, rule, tier) of the flags that stand, of entries and not of fire drills."""
    flags = Flag.objects.filter(patient__clinic=clinic, patient__is_drill=False, withdrawn_at=None)
    return set(flags.values_list('evaluation__revision', 'rule', 'tier'))


def finished(rule_set: RuleSet, *, by: User, on: date) -> Replay:
    """A replay of one day that found nothing, as it is stored in the end."""
    assert rule_set.clinic is not None
    return Replay.objects.create(
        clinic=rule_set.clinic,
        rule_set=rule_set,
        against=published_default(),
        digest=rule_set.digest,
        content=rule_set.content,
        since=on,
        until=on,
        state=ReplayState.DONE,
        asked_by=by,
        asked_at=NOW,
        finished_at=NOW,
        figures=Tally().figures() | {'nurses': 0, 'usual': {}},
    )
