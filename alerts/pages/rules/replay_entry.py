"""One entry of a replay: which rules flag it under either side, and why."""

from dataclasses import dataclass

from alerts.engine import Program, Rule
from alerts.engine.replay_counts import SIDES, pairs
from alerts.facts import History, history_of, key
from alerts.models import Replay
from alerts.services.rules.replay_sides import judge, sides_of
from alerts.words.evidence import Line, Names, lines
from alerts.words.reasons import names_of
from diary.catalogue import current_catalogue
from diary.models import Revision


@dataclass(frozen=True)
class Fired:
    """One rule that flags the entry. `side` is gained, lost or both; `before` the tier in force where it is another one."""

    rule: str
    title: str
    tier: str
    before: str
    side: str
    why: tuple[Line, ...]


@dataclass(frozen=True)
class EntryPage:
    """`is_corrected`: it was corrected since, and is shown as it stands now. `is_unread`: no rule can be asked about it."""

    revision: Revision
    fired: tuple[Fired, ...]
    is_corrected: bool
    is_unread: bool


def entry_page(replay: Replay, revision: Revision) -> EntryPage:
    """Worked out anew from what is stored now. Raises RuleError where the rules do not fit the catalogue any more."""
    sides, entry = sides_of(replay), revision.entry
    lookback = max(sides.in_force.lookback, sides.draft.lookback)
    history = history_of(entry.patient, since=entry.about_at - lookback, until=entry.about_at)
    one = key(revision)
    here, there = judge(sides.draft, history, [one]), judge(sides.in_force, history, [one])
    names = names_of(current_catalogue())
    fired = []
    for rule, tier, before in pairs(here.flags.get(one, ()), there.flags.get(one, ())):
        program, seen = (sides.draft, here.history) if tier else (sides.in_force, there.history)
        found: Rule = program.rule_set.rules[rule]
        side = SIDES[bool(tier), bool(before)]
        why = _why(program, seen, revision, rule, names)
        fired.append(Fired(rule, found.title, tier or before, before if tier and before != tier else '', side, why))
    order = {'gained': 0, 'lost': 1, 'both': 2}
    fired.sort(key=lambda each: (order[each.side], each.rule))
    return EntryPage(revision, tuple(fired), revision.number != entry.current_number, bool(here.unread or there.unread))


def _why(program: Program, history: History, revision: Revision, rule: str, names: Names) -> tuple[Line, ...]:
    patient = history.patient_at(revision.entry.about_at)
    return lines(program.explain(patient, history.entries, key(revision), rule).as_json(), names)
