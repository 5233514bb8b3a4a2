"""Why a rule holds or does not: the same conditions walked one by one, with the values that each one saw.

Slower than the compiled rules and written apart from them; tests hold both to the same answers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import NamedTuple, cast

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import SEVERITY
from alerts.engine.facts import EntryFacts, PatientFacts, instant
from alerts.engine.local_days import local_day
from alerts.engine.lookback import FINDINGS_WITHIN, PREVIOUS_WITHIN, same_day_rules
from alerts.engine.numbers import Exact, changed, dropped, exact, over, plain
from alerts.engine.results import EntryResult, Explanation, Json
from alerts.engine.rules import RuleSet
from alerts.engine.scales import answered_on, latest_scales, not_comparable
from alerts.engine.settings import Setting

_HOUR = timedelta(hours=1)
_TICK = timedelta(microseconds=1)


class Row(NamedTuple):
    """`day` is the local calendar day as an ordinal. Severities count only on the scales of `latest`."""

    instant: timedelta
    id: str
    day: int
    entry: EntryFacts
    latest: Mapping[str, int]

    @property
    def set_aside(self) -> set[str]:
        """Symptoms whose severity was answered on another scale."""
        return {code for code, scale in answered_on(self.entry).items() if self.latest[code] != scale}


def rows_of(entries: Iterable[EntryFacts], zone: tzinfo) -> list[Row]:
    """In the order of time, then id."""
    found = sorted(((instant(entry.at, 'entry'), entry) for entry in entries), key=lambda row: (row[0], row[1].id))
    latest = latest_scales(found)
    return [Row(at, entry.id, local_day(entry.at, zone), entry, latest[entry.id]) for at, entry in found]


class Witness:
    """Sees one patient's rows (sorted by time); `results` is the evaluation that same-day findings are counted in."""

    def __init__(
        self, rule_set: RuleSet, patient: PatientFacts, rows: Sequence[Row], results: Sequence[EntryResult]
    ) -> None:
        self.catalogue = rule_set.catalogue
        self.setting = Setting(patient, rule_set.catalogue)
        self.rows = rows
        self.results = results
        self._counted = frozenset(rule.id for rule in same_day_rules(rule_set.rules.values()))

    def explain(self, node: nodes.Node, entry_id: str) -> Explanation:
        """KeyError for an unknown entry."""
        for row in self.rows:
            if row.id == entry_id:
                return self.at(node, row)
        raise KeyError(entry_id)

    def previous(self, row: Row) -> Row | None:
        earlier = [each for each in self.rows if each.instant < row.instant]
        close = bool(earlier) and row.instant - earlier[-1].instant <= PREVIOUS_WITHIN
        return earlier[-1] if close else None

    def of_day(self, day: int, row: Row) -> list[Row]:
        """The entries of a local day that are not later than this one, with the severities that count for it."""
        rows = [each for each in self.rows if each.day == day and each.instant <= row.instant]
        return [each._replace(latest=row.latest) for each in rows]

    def at(self, node: nodes.Node, row: Row) -> Explanation:
        match node:
            case nodes.Any(children):
                return self._group('any', any, [self.at(child, row) for child in children])
            case nodes.All(children):
                return self._group('all', all, [self.at(child, row) for child in children])
            case nodes.Macro(name, when):
                inner = self.at(when, row)
                return Explanation('macro', {'name': name}, inner.held, {}, inner.symptoms, (inner,))
            case nodes.Persists() | nodes.PersistsAnySeverity() | nodes.SameDayFindings():
                return self._over_time(node, row)
            case nodes.NewAny() | nodes.Worsened() | nodes.AnyWorsened():
                return self._since_previous(node, row)
            case nodes.HoursSinceDose() | nodes.TherapyDay() | nodes.InContext():
                return self._around(node, row)
            case nodes.MeasureBelow() | nodes.MeasureDropped() | nodes.MeasureChanged():
                return self._measured(node, row)
        return self._answered(node, row)

    def _group(self, word: str, rule: Callable[[Iterable[bool]], bool], below: list[Explanation]) -> Explanation:
        held = rule(child.held for child in below)
        names = _union(child.symptoms for child in below) if held else ()
        return Explanation(word, {}, held, {}, names, tuple(below))

    # -- one entry's own answers --------------------------------------------------------------------------

    def _answered(self, node: nodes.Node, row: Row) -> Explanation:
        match node:
            case nodes.SeverityAtLeast(symptom, gte):
                level = _answer(row, symptom, SEVERITY)
                held = level is not None and level >= gte
                return _leaf('severity', {'symptom': symptom, 'gte': gte}, held, {'severity': _json(level)}, [symptom])
            case nodes.AnsweredYes(symptom, field):
                answer = row.entry.answers.get(symptom, {}).get(field)
                asked: dict[str, Json] = {'symptom': symptom, 'field': field}
                return _leaf('yes', asked, answer is True, {field: cast(Json, answer)}, [symptom])
            case nodes.NumberAtLeast(symptom, field, limit):
                value = _answer(row, symptom, field)
                asked = {'symptom': symptom, 'field': field, 'gte': plain(limit)}
                return _leaf('number', asked, value is not None and value >= limit, {field: _json(value)}, [symptom])
            case nodes.OverBaseline():
                return self._over_baseline(node, row)
            case nodes.ReportedAny(symptoms):
                found = self.reported(row, symptoms)
                return _leaf('reported_any', {'symptoms': list(symptoms)}, bool(found), {'reported': [*found]}, found)
            case nodes.AllergicSigns(gte):
                found = self.reported(row, self.catalogue.allergic)
                seen: dict[str, Json] = {'reported': [*found]}
                return _leaf('allergic_signs', {'gte': gte}, len(found) >= gte, seen, found)
            case nodes.AnySeverity(gte):
                levels = {symptom: n for symptom, n in _severities(row).items() if n >= gte}
                return _leaf('any_severity', {'gte': gte}, bool(levels), {'severity': _levels(levels)}, levels)
        raise TypeError(f'{type(node).__name__} has no explanation')

    def _over_baseline(self, node: nodes.OverBaseline, row: Row) -> Explanation:
        value, usual = _answer(row, node.symptom, node.field), self.setting.baseline.get(node.field)
        held = value is not None and over(value, usual, node.over_baseline_gte)
        asked: dict[str, Json] = {
            'symptom': node.symptom,
            'field': node.field,
            'over_baseline_gte': plain(node.over_baseline_gte),
        }
        seen = {node.field: _json(value), 'baseline': _json(usual)}
        return _leaf('over_baseline', asked, held, seen, [node.symptom])

    def reported(self, row: Row, among: Iterable[str]) -> list[str]:
        return [symptom for symptom in sorted(among) if self._is_reported(row, symptom)]

    def _is_reported(self, row: Row, symptom: str) -> bool:
        fields = self.catalogue.symptoms[symptom].fields
        for name, value in row.entry.answers.get(symptom, {}).items():
            limit = fields[name].reported_from
            if limit is not None and (value is True or (not isinstance(value, bool) and exact(value) >= limit)):
                return True
        return False

    # -- against the previous entry -----------------------------------------------------------------------

    def _since_previous(self, node: nodes.NewAny | nodes.Worsened | nodes.AnyWorsened, row: Row) -> Explanation:
        previous = self.previous(row)
        seen: dict[str, Json] = {'previous_entry': previous.id if previous else None}
        if isinstance(node, nodes.NewAny):
            now = self.reported(row, node.symptoms)
            then = self.reported(previous, node.symptoms) if previous else []
            new = [symptom for symptom in now if symptom not in then]
            seen |= {'reported': [*now], 'reported_before': [*then]}
            return _leaf('new_any', {'symptoms': list(node.symptoms)}, bool(new), seen, new)
        before = _severities(previous) if previous else {}
        levels = _severities(row)
        if isinstance(node, nodes.Worsened):
            levels = {symptom: n for symptom, n in levels.items() if symptom == node.symptom}
        others = not_comparable(row.entry, previous.entry) & levels.keys() if previous else set()
        same = {symptom: n for symptom, n in levels.items() if previous and symptom not in others}
        worse = [symptom for symptom, n in same.items() if n - before.get(symptom, 0) >= node.by]
        seen |= {'severity': _levels(levels), 'severity_before': _levels({s: before.get(s, 0) for s in levels})}
        seen |= _other_scale(others)
        if isinstance(node, nodes.Worsened):
            return _leaf('worsened', {'symptom': node.symptom, 'by': node.by}, bool(worse), seen, worse)
        return _leaf('any_worsened', {'by': node.by}, bool(worse), seen, worse)

    # -- doses, contexts, measurements --------------------------------------------------------------------

    def _around(self, node: nodes.HoursSinceDose | nodes.TherapyDay | nodes.InContext, row: Row) -> Explanation:
        match node:
            case nodes.HoursSinceDose(lte):
                since = self.setting.since_dose(row.instant)
                held = since is not None and since // _TICK <= lte * (_HOUR // _TICK)
                hours = None if since is None else round(since / _HOUR, 2)
                return _leaf('hours_since_dose', {'lte': plain(lte)}, held, {'hours': hours}, [])
            case nodes.TherapyDay(therapy, first, last):
                day = self.setting.therapy_day(therapy, row.instant, row.day)
                asked: dict[str, Json] = {'therapy': therapy, 'day_gte': first, 'day_lte': last}
                return _leaf('therapy', asked, day is not None and first <= day <= last, {'day': day}, [])
        held = self.setting.holds(node.context, row.instant)
        return _leaf('context', {'context': node.context}, held, {node.context: held}, [])

    def _measured(
        self, node: nodes.MeasureBelow | nodes.MeasureDropped | nodes.MeasureChanged, row: Row
    ) -> Explanation:
        written = row.entry.measurements.get(node.measure)
        value = None if written is None else exact(written)
        usual = self.setting.baseline.get(node.measure)
        seen: dict[str, Json] = {node.measure: _json(value), 'baseline': _json(usual)}
        asked: dict[str, Json] = {'measure': node.measure}
        match node:
            case nodes.MeasureBelow(_, limit):
                asked['lt'] = plain(limit)
                return _leaf('measure_below', asked, value is not None and value < limit, seen, [])
            case nodes.MeasureDropped(_, percent):
                asked['drop_percent_gt'] = plain(percent)
                held = value is not None and usual is not None and dropped(value, usual, percent)
                return _leaf('measure_dropped', asked, held, seen, [])
        asked['change_percent_gte'] = plain(node.change_percent_gte)
        held = value is not None and usual is not None and changed(value, usual, node.change_percent_gte)
        return _leaf('measure_changed', asked, held, seen, [])

    # -- over several entries -----------------------------------------------------------------------------

    def _over_time(
        self, node: nodes.Persists | nodes.PersistsAnySeverity | nodes.SameDayFindings, row: Row
    ) -> Explanation:
        if isinstance(node, nodes.SameDayFindings):
            return self._findings(node, row)
        if isinstance(node, nodes.PersistsAnySeverity):
            return self._persists_any(node, row)
        days = [self._day(node, row.day - back, row) for back in range(node.days)]
        held = all(day.held for day in days)
        asked: dict[str, Json] = {'days': node.days, 'at_least': node.at_least}
        names = days[0].symptoms if held else ()
        return Explanation('persists', asked, held, {'days': sum(day.held for day in days)}, names, tuple(days))

    def _day(self, node: nodes.Persists, day: int, row: Row) -> Explanation:
        """One day: the entries that count, and the tests of the latest that does (or of the latest, if none does)."""
        tests = {each.id: [self.at(test, each) for test in node.of] for each in self.of_day(day, row)}
        counting = [name for name, found in tests.items() if sum(test.held for test in found) >= node.at_least]
        names = _union(test.symptoms for name in counting for test in tests[name])
        shown = tests[(counting or list(tests))[-1]] if tests else []
        seen: dict[str, Json] = {'entries': list(tests), 'counting': [*counting]}
        seen |= _other_scale(self._not_counted(self.of_day(day, row)) & self._felt(node))
        asked: dict[str, Json] = {'date': date.fromordinal(day).isoformat()}
        return Explanation('day', asked, bool(counting), seen, names, tuple(shown))

    def _persists_any(self, node: nodes.PersistsAnySeverity, row: Row) -> Explanation:
        by_day = {row.day - back: self._at_level(row.day - back, row, node.gte) for back in range(node.days)}
        common = sorted(set.intersection(*by_day.values()))
        dates: dict[str, Json] = {date.fromordinal(day).isoformat(): [*sorted(found)] for day, found in by_day.items()}
        asked: dict[str, Json] = {'days': node.days, 'gte': node.gte}
        others = self._not_counted(each for day in by_day for each in self.of_day(day, row))
        seen = {'symptoms_by_day': cast(Json, dates), **_other_scale(others)}
        return _leaf('persists_any_severity', asked, bool(common), seen, common)

    def _not_counted(self, rows: Iterable[Row]) -> set[str]:
        return {symptom for row in rows for symptom in row.set_aside}

    def _felt(self, node: nodes.Persists) -> set[str]:
        """The symptoms whose severity it asks about."""
        asked = list(nodes.walk(node))
        if any(isinstance(each, nodes.AnySeverity | nodes.AnyWorsened | nodes.PersistsAnySeverity) for each in asked):
            return set(self.catalogue.symptoms)
        return {each.symptom for each in asked if isinstance(each, nodes.SeverityAtLeast | nodes.Worsened)}

    def _at_level(self, day: int, row: Row, gte: int) -> set[str]:
        rows = self.of_day(day, row)
        return {symptom for each in rows for symptom, level in _severities(each).items() if level >= gte}

    def _findings(self, node: nodes.SameDayFindings, row: Row) -> Explanation:
        instants = {each.id: each.instant for each in self.rows}
        found: dict[str, list[Json]] = {}
        for result in self.results:
            ago = row.instant - instants[result.entry_id]
            if result.entry_id != row.id and not timedelta() < ago <= FINDINGS_WITHIN:
                continue
            for flag in result.flags:
                for symptom in flag.symptoms if flag.rule_id in self._counted else ():
                    found.setdefault(symptom, []).append({'entry': result.entry_id, 'rule': flag.rule_id})
        seen: dict[str, Json] = {'symptoms': cast(Json, found)}
        return _leaf('same_day_findings', {'gte': node.gte}, len(found) >= node.gte, seen, found)


def _leaf(word: str, asked: dict[str, Json], held: bool, seen: dict[str, Json], names: Iterable[str]) -> Explanation:
    return Explanation(word, asked, held, seen, tuple(sorted(names)) if held else ())


def _union(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for each in names for name in each}))


def _other_scale(symptoms: Iterable[str]) -> dict[str, Json]:
    """Said only where it is so."""
    found: list[Json] = [*sorted(symptoms)]
    return {'other_scale': found} if found else {}


def _answer(row: Row, symptom: str, field: str) -> Exact | None:
    value = row.entry.answers.get(symptom, {}).get(field)
    if value is None or (field == SEVERITY and row.latest[symptom] != row.entry.scales.get(symptom, 0)):
        return None
    return exact(value)


def _severities(row: Row) -> dict[str, int]:
    levels = {symptom: _answer(row, symptom, SEVERITY) for symptom in row.entry.answers}
    return {symptom: int(level) for symptom, level in levels.items() if level}


def _levels(levels: dict[str, int]) -> Json:
    return dict(sorted(levels.items()))


def _json(value: Exact | None) -> Json:
    return None if value is None else plain(value)
