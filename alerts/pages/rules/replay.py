"""What a replay came to: the sentences that matter first, then tables and a picture of the same figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.figures.drawing import Picture
from alerts.figures.two_sides import Side, two_sides
from alerts.models import Replay, TierChoice
from alerts.queries.rules.in_force import content_of

ALERTING = (TierChoice.EMERGENCY, TierChoice.URGENT, TierChoice.SAME_DAY)
SHOWN = (*ALERTING, TierChoice.MONITOR)
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Pair:
    """One figure under the rules in force and under the draft, in words, and how it is counted."""

    name: str
    in_force: str
    drafted: str
    note: str = ''


@dataclass(frozen=True)
class TierRow:
    """Flags and cases of one tier."""

    tier: str
    label: str
    flags: tuple[int, int]
    cases: tuple[int, int]
    gained: int
    lost: int


@dataclass(frozen=True)
class RuleRow:
    """The flags of one rule: `moved` are those with another tier."""

    rule: str
    title: str
    tier: str
    gained: int
    lost: int
    same: int
    moved: int

    @property
    def differs(self) -> bool:
        return bool(self.gained or self.lost or self.moved)


@dataclass(frozen=True)
class DayRow:
    day: date
    in_force: int
    drafted: int


class Report:
    """Of a replay that is done."""

    def __init__(self, replay: Replay) -> None:
        self.replay, self._figures = replay, replay.figures
        self.entries: int = self._figures['entries']
        self.unreadable: int = self._figures['unreadable']
        self.patients: int = self._figures['patients']
        self.nurses: int = self._figures['nurses']
        self.days = (replay.until - replay.since).days + 1

    # -- in sentences ------------------------------------------------------------------------------------------------------
    @property
    def is_same(self) -> bool:
        return not any(rule.differs for rule in self.rules)

    def sentences(self) -> Iterator[str]:
        """The few figures that matter first."""
        if self.is_same:
            yield _('Not one flag would have been another.')
            return
        yield self._entries_sentence()
        yield self._cases_sentence()
        patients = self._flagged('patients')
        words = {'gained': patients.get('gained', 0), 'lost': patients.get('lost', 0)}
        if any(words.values()):
            yield _('Patients flagged at least once: %(gained)s more, %(lost)s fewer.') % words

    def _entries_sentence(self) -> str:
        entries = self._flagged('entries')
        gained, lost = entries.get('gained', 0), entries.get('lost', 0)
        if not gained and not lost:
            return _('The same entries would have been flagged, by other rules or with another tier.')
        more = ngettext('%(n)s entry more', '%(n)s entries more', gained) % {'n': number_format(gained)}
        words = {'more': more, 'fewer': number_format(lost)}
        return _('Would have flagged %(more)s and %(fewer)s fewer.') % words

    def _cases_sentence(self) -> str:
        here, there = self._in_all('cases', 'drafted'), self._in_all('cases', 'in_force')
        words = {'now': _n(there / self.days), 'then': _n(here / self.days), 'apart': _n(abs(here - there) / self.days)}
        if here == there:
            return _('About as many alerts: %(now)s a day.') % words
        if here > there:
            return _('About %(apart)s alerts a day more: %(then)s instead of %(now)s.') % words
        return _('About %(apart)s alerts a day fewer: %(then)s instead of %(now)s.') % words

    # -- in tables ---------------------------------------------------------------------------------------------------------
    @cached_property
    def pairs(self) -> list[Pair]:
        flags = {side: self._flags_of(side) for side in ('in_force', 'drafted')}
        return [
            self._pair(_('Flags a day'), flags, self.days),
            self._pair(
                _('Flags a nurse-day'),
                flags,
                self.days * self.nurses,
                note=_nurses_words(self.nurses),
            ),
            self._pair(_('Flags per 100 entries'), flags, self.entries / 100),
            self._pair(_('Alerts a day'), {side: self._in_all('cases', side) for side in flags}, self.days),
            self._whole(_('Entries flagged'), self._sides('entries'), note=_('of %(n)s') % {'n': self.entries}),
            self._whole(_('Patients affected'), self._sides('patients'), note=_('of %(n)s') % {'n': self.patients}),
            self._whole(_('Entries kept quiet by snoozes'), self._figures['hidden']),
        ]

    @cached_property
    def tiers(self) -> list[TierRow]:
        return [self._tier(tier) for tier in SHOWN]

    @cached_property
    def rules(self) -> list[RuleRow]:
        """Every rule that either side has, those that differ most first."""
        titles = self._titles()
        found = [self._rule(rule, title, self._figures['flags'].get(rule, {})) for rule, title in titles.items()]
        return sorted(found, key=lambda row: (-(row.gained + row.lost + row.moved), row.rule))

    @property
    def by_day(self) -> list[DayRow]:
        counts: Mapping[str, Counts] = self._figures['days']
        days = (self.replay.since + timedelta(days=n) for n in range(self.days))
        return [
            DayRow(day, found.get('in_force', 0), found.get('drafted', 0))
            for day in days
            for found in [counts.get(day.isoformat(), {})]
        ]

    def _tier(self, tier: TierChoice) -> TierRow:
        cases: Mapping[str, Counts] = self._figures['cases']
        word = tier.value

        def of(name: str) -> int:
            return cases.get(name, {}).get(word, 0)

        flags = (self._flags_of('in_force', word), self._flags_of('drafted', word))
        label = str(tier.label)
        return TierRow(word, label, flags, (of('in_force'), of('drafted')), of('gained'), of('lost'))

    def _rule(self, rule: str, titles: tuple[str, str], counts: Counts) -> RuleRow:
        gained = lost = same = moved = 0
        for sides, number in counts.items():
            here, _bar, there = sides.partition('|')
            gained += number if not there else 0
            lost += number if not here else 0
            same += number if here == there else 0
            moved += number if here and there and here != there else 0
        return RuleRow(rule, titles[0], titles[1], gained, lost, same, moved)

    def _titles(self) -> dict[str, tuple[str, str]]:
        """(title, tier) of each rule; the draft's words where it has the rule."""
        both = (content_of(self.replay.against_id), self.replay.content)
        return {
            rule: (given['title'], given['tier'])
            for content in both
            for rule, given in sorted(content['rules'].items())
        }

    # -- counting ----------------------------------------------------------------------------------------------------------
    def _flags_of(self, side: str, *tiers: str) -> int:
        """Flags of one side, of some tiers; of those that make alerts where none is named."""
        place = 0 if side == 'drafted' else 1
        wanted = tiers or tuple(tier.value for tier in ALERTING)
        rows = (row for counts in self._figures['flags'].values() for row in counts.items())
        return sum(number for sides, number in rows if sides.split('|')[place] in wanted)

    def _flagged(self, what: str) -> Counts:
        found: Counts = self._figures['flagged'].get(what, {})
        return found

    def _sides(self, what: str) -> Counts:
        found = self._flagged(what)
        both = found.get('both', 0)
        return {'drafted': both + found.get('gained', 0), 'in_force': both + found.get('lost', 0)}

    def _in_all(self, what: str, side: str) -> int:
        return sum(self._figures[what].get(side, {}).values())

    def _pair(self, name: str, counts: Counts, each: float, note: str = '') -> Pair:
        words = {side: _n(number / each) if each else '–' for side, number in counts.items()}
        return Pair(name, words['in_force'], words['drafted'], note)

    def _whole(self, name: str, counts: Counts, note: str = '') -> Pair:
        return Pair(name, number_format(counts.get('in_force', 0)), number_format(counts.get('drafted', 0)), note)

    # -- the picture -------------------------------------------------------------------------------------------------------
    @property
    def picture(self) -> Picture:
        return flags_by_day(self.by_day)


def flags_by_day(rows: Sequence[DayRow]) -> Picture:
    """Flags that make alerts, day by day: in force and under the draft."""
    sides = (
        Side('force', _('in force'), [row.in_force for row in rows]),
        Side('draft', _('this rule set'), [row.drafted for row in rows]),
    )
    now, then = (number_format(sum(side.values)) for side in sides)
    summary = _('In force %(now)s flags in all, under this rule set %(then)s.') % {'now': now, 'then': then}
    return two_sides([row.day for row in rows], sides, picture='by-day', title=_('Flags a day'), summary=summary)


def _n(value: float) -> str:
    """One figure after the point below ten."""
    return number_format(round(value, 1 if value < 10 else 0), decimal_pos=1 if value < 10 else 0)


def csv_rows(report: Report) -> Iterator[list[Any]]:
    """The page's tables, a line for every figure. No patient is in it."""
    replay = report.replay
    yield ['rule set', replay.rule_set.title, replay.rule_set.version]
    yield ['against', replay.against.title, replay.against.version]
    yield ['days', replay.since.isoformat(), replay.until.isoformat()]
    yield ['entries', report.entries, '']
    yield []
    yield ['figure', 'in force', 'this rule set']
    for pair in report.pairs:
        yield [pair.name, pair.in_force, pair.drafted]
    yield []
    yield ['tier', 'flags in force', 'flags', 'alerts in force', 'alerts', 'alerts gained', 'alerts lost']
    for tier in report.tiers:
        yield [tier.label, *tier.flags, *tier.cases, tier.gained, tier.lost]
    yield []
    yield ['rule', 'title', 'gained', 'lost', 'same', 'other tier']
    for rule in report.rules:
        yield [rule.rule, rule.title, rule.gained, rule.lost, rule.same, rule.moved]
    yield []
    yield ['day', 'in force', 'this rule set']
    for row in report.by_day:
        yield [row.day.isoformat(), row.in_force, row.drafted]


def _nurses_words(n: int) -> str:
    said = ngettext('days × %(n)s nurse, as many as work here now', 'days × %(n)s nurses, as many as work here now', n)
    return said % {'n': n}
