"""What one batch of patients gives: the flags under both sets of rules, the cases where they differ, the figures."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from alerts.engine import FlagResult, Program, Tier
from alerts.engine.replay_counts import SIDES, Figures, Tally
from alerts.engine.replay_rules import Flags, drafted
from alerts.engine.replaying import Case, Closing, Compared, Found, Snoozed, Worked, compare, group
from alerts.engine.snoozing import level_of
from alerts.expectations import unmeasured
from alerts.services.rules.replay_clinic import alerts_of, snoozes_of
from alerts.services.rules.replay_read import Diary, Row, Window, diaries
from alerts.services.rules.replay_sides import Judged, Sides, judge
from clinic.faultpoints import point

COPY_FLAGS = (
    'COPY alerts_replayflag (replay_id, patient_id, revision_id, rule, tier, day, drafted, in_force) FROM STDIN'
)
_COPY_CASES = (
    'COPY alerts_replaycase (replay_id, patient_id, line, tier, tier_in_force, opened_at, revision_id, rules, entries,'
    ' drafted, in_force) FROM STDIN'
)


@dataclass
class Outcome:
    """Lines for COPY, and the figures. Nothing is written yet."""

    flags: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    figures: Figures = field(default_factory=dict)


class Batch:
    """Some patients of one replay."""

    def __init__(self, replay: int, sides: Sides, window: Window, closing: Closing) -> None:
        self._replay, self._sides, self._window, self._closing = replay, sides, window, closing
        self._tally, self._outcome = Tally(), Outcome()

    def outcome(self, patients: Sequence[int]) -> Outcome:
        """One patient after the other; of one only what came of her is kept."""
        alerts = alerts_of(patients, since=self._window.since)
        snoozes = snoozes_of(patients, since=self._window.since)
        for diary in diaries(patients, self._window):
            if diary.rows:
                self._one(diary, alerts.get(diary.patient, []), snoozes.get(diary.patient, []))
        point('replay.evaluated')
        self._outcome.figures = self._tally.figures()
        return self._outcome

    def _one(self, diary: Diary, alerts: Sequence[Worked], snoozes: Sequence[Snoozed]) -> None:
        in_force, draft, unread = self._judge(diary)
        self._tally.entries += len(diary.rows)
        self._tally.unreadable += len(unread)
        here: list[tuple[Row, Flags]] = []
        there: list[tuple[Row, Flags]] = []
        same = True
        for row in diary.rows:
            now, then = draft.get(row.key, ()), in_force.get(row.key, ())
            if now or then:
                same = same and now is then
                self._flagged(diary, row, now, then)
                here.append((row, now))
                there.append((row, then))
        self._group(diary, here, None if same else there, alerts, snoozes)

    def _judge(self, diary: Diary) -> tuple[Mapping[str, Flags], Mapping[str, Flags], frozenset[str]]:
        """The flags in force and the draft's, by the entry's key, and the entries that no rule could be asked about."""
        sides, wanted = self._sides, [row.key for row in diary.rows]
        whole = judge(sides.in_force, diary.history, wanted)
        if sides.is_same:
            return whole.flags, whole.flags, whole.unread
        own = judge(sides.part, diary.history, wanted) if sides.part else Judged({}, frozenset(), diary.history)
        keys = whole.flags.keys() | own.flags.keys()
        draft = {key: drafted(whole.flags.get(key, ()), own.flags.get(key, ()), sides.kept) for key in keys}
        return whole.flags, draft, whole.unread | own.unread

    def _flagged(self, diary: Diary, row: Row, now: Flags, then: Flags) -> None:
        day = row.day.isoformat()
        head = f'{self._replay}\t{diary.patient}\t{row.revision}\t'
        self._outcome.flags += [
            f'{head}{rule}\t{tier or before}\t{day}\t{bool(tier)}\t{bool(before)}\n'
            for rule, tier, before in self._tally.entry(day, now, then)
        ]

    def _group(
        self,
        diary: Diary,
        here: list[tuple[Row, Flags]],
        there: list[tuple[Row, Flags]] | None,
        alerts: Sequence[Worked],
        snoozes: Sequence[Snoozed],
    ) -> None:
        """The cases on both sides. `there` None: the flags are the same, and so is what comes of them."""
        ours = group(
            self._found(diary, here, snoozes, whole=False), alerts=alerts, snoozes=snoozes, closing=self._closing
        )
        theirs = ours
        if there is not None:
            theirs = group(
                self._found(diary, there, snoozes, whole=True), alerts=alerts, snoozes=snoozes, closing=self._closing
            )
        compared = compare(ours.cases, theirs.cases)
        self._tally.cases(ours, theirs, compared)
        self._tally.patient(drafted=_any_alerting(here), in_force=_any_alerting(here if there is None else there))
        self._outcome.cases += _case_lines(self._replay, diary.patient, compared)

    def _found(
        self, diary: Diary, rows: list[tuple[Row, Flags]], snoozes: Sequence[Snoozed], *, whole: bool
    ) -> Iterator[Found]:
        """In the order in which the clinic learned of them. `whole`: of the rules in force, else of the draft."""
        for row, flags in sorted(rows, key=lambda each: (each[0].received_at, each[0].revision)):
            alerting = tuple(flag for flag in flags if flag.tier >= Tier.SAME_DAY)
            if not alerting:
                continue
            levels = {}
            if any(snooze.at <= row.received_at < snooze.until for snooze in snoozes):
                program = self._sides.in_force if whole else self._sides.draft
                alerting = tuple(_unmeasured(program, diary, row, flag) for flag in alerting)
                levels = level_of({code for flag in alerting for code in flag.symptoms}, row.document)
            yield Found(row.received_at, row.revision, alerting, levels)


def write(outcome: Outcome) -> None:
    """Everything but the figures, in the transaction that is under way."""
    with connection.cursor() as cursor:
        for name, statement, lines in (
            ('replay.flags', COPY_FLAGS, outcome.flags),
            ('replay.cases', _COPY_CASES, outcome.cases),
        ):
            with cursor.copy(statement) as copy:
                copy.write(''.join(lines))
            point(name)


def _unmeasured(program: Program, diary: Diary, row: Row, flag: FlagResult) -> FlagResult:
    """As evaluation tells it to a snooze: a flag that a measurement helped to raise is never kept quiet."""
    patient = diary.history.patient_at(next(each.at for each in diary.history.entries if each.id == row.key))
    return unmeasured(flag, program.explain(patient, diary.history.entries, row.key, flag.rule_id).as_json())


def _any_alerting(rows: list[tuple[Row, Flags]]) -> bool:
    return any(flag.tier >= Tier.SAME_DAY for _, flags in rows for flag in flags)


def _case_lines(replay: int, patient: int, compared: Compared) -> Iterator[str]:
    for name, cases in (('gained', compared.gained), ('lost', compared.lost)):
        for case in cases:
            yield _case_line(replay, patient, case, '', name)
    for case, tier in compared.both:
        if case.tier is not tier:
            yield _case_line(replay, patient, case, tier.word, 'both')


def _case_line(replay: int, patient: int, case: Case, before: str, name: str) -> str:
    here, there = next(sides for sides, called in SIDES.items() if called == name)
    fields = (
        replay,
        patient,
        case.line,
        case.tier.word,
        before,
        case.opened_at.isoformat(),
        case.revisions[0],
        json.dumps(sorted(case.rules)),
        len(case.revisions),
        here,
        there,
    )
    return '\t'.join(map(str, fields)) + '\n'
