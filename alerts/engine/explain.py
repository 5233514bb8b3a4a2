"""Why a rule holds or does not: the same conditions walked one by one, with the values that each one saw.

Slower than the compiled rules and written apart from them; tests hold both to the same answers.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import cast

import alerts.engine.nodes as nodes
from alerts.engine.catalogue import SEVERITY
from alerts.engine.facts import MICROSECOND, PatientFacts
from alerts.engine.lookback import FINDINGS_WITHIN, PREVIOUS_WITHIN, same_day_rules
from alerts.engine.numbers import Exact, changed, dropped, exact, over, plain
from alerts.engine.results import EntryResult, Explanation, Json
from alerts.engine.rows import Row
from alerts.engine.rules import RuleSet
from alerts.engine.settings import Setting

_HOUR = 3_600_000_000


class Witness:
    """Sees one patient's rows (sorted by time); `results` gives the evaluation that same-day findings are counted in."""

    def __init__(
        self,
        rule_set: RuleSet,
        patient: PatientFacts,
        rows: Sequence[Row],
        results: Callable[[], list[EntryResult]],
    ) -> None:
        self.catalogue = rule_set.catalogue
        self.setting = Setting(patient, rule_set.catalogue)
        self.rows = rows
        self._evaluate = results
        self._counted = frozenset(rule.id for rule in same_day_rules(rule_set.rules.values()))

    def explain(self, node: nodes.Node, entry_id: str) -> Explanation:
        """KeyError for an unknown entry."""
        for row in self.rows:
            if row.id == entry_id:
                return self.at(node, row)
        raise KeyError(entry_id)

    @cached_property
    def results(self) -> list[EntryResult]:
        return self._evaluate()

    def previous(self, row: Row) -> Row | None:
        earlier = [each for each in self.rows if each.instant < row.instant]
        close = bool(earlier) and row.instant - earlier[-1].instant <= PREVIOUS_WITHIN // MICROSECOND
        return earlier[-1] if close else None

    def of_day(self, day: int, row: Row) -> list[Row]:
        """The entries of a local day that are not later than this one."""
        return [each for each in self.rows if each.day == day and each.instant <= row.instant]

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
                found = self._reported(row, symptoms)
                return _leaf('reported_any', {'symptoms': list(symptoms)}, bool(found), {'reported': [*found]}, found)
            case nodes.AllergicSigns(gte):
                found = self._reported(row, self.catalogue.allergic)
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

    def _reported(self, row: Row, among: Iterable[str]) -> list[str]:
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
            now = self._reported(row, node.symptoms)
            then = self._reported(previous, node.symptoms) if previous else []
            new = [symptom for symptom in now if symptom not in then]
            seen |= {'reported': [*now], 'reported_before': [*then]}
            return _leaf('new_any', {'symptoms': list(node.symptoms)}, bool(new), seen, new)
        before = _severities(previous) if previous else {}
        levels = _severities(row)
        if isinstance(node, nodes.Worsened):
            levels = {symptom: n for symptom, n in levels.items() if symptom == node.symptom}
        worse = [symptom for symptom, n in levels.items() if previous and n - before.get(symptom, 0) >= node.by]
        seen |= {'severity': _levels(levels), 'severity_before': _levels({s: before.get(s, 0) for s in levels})}
        if isinstance(node, nodes.Worsened):
            return _leaf('worsened', {'symptom': node.symptom, 'by': node.by}, bool(worse), seen, worse)
        return _leaf('any_worsened', {'by': node.by}, bool(worse), seen, worse)

    # -- doses, contexts, measurements --------------------------------------------------------------------

    def _around(self, node: nodes.HoursSinceDose | nodes.TherapyDay | nodes.InContext, row: Row) -> Explanation:
        match node:
            case nodes.HoursSinceDose(lte):
                since = self.setting.since_dose(row.instant)
                held = since is not None and since <= lte * _HOUR
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
        asked: dict[str, Json] = {'date': date.fromordinal(day).isoformat()}
        return Explanation('day', asked, bool(counting), seen, names, tuple(shown))

    def _persists_any(self, node: nodes.PersistsAnySeverity, row: Row) -> Explanation:
        by_day = {row.day - back: self._at_level(row.day - back, row, node.gte) for back in range(node.days)}
        common = sorted(set.intersection(*by_day.values()))
        dates: dict[str, Json] = {date.fromordinal(day).isoformat(): [*sorted(found)] for day, found in by_day.items()}
        asked: dict[str, Json] = {'days': node.days, 'gte': node.gte}
        return _leaf('persists_any_severity', asked, bool(common), {'symptoms_by_day': dates}, common)

    def _at_level(self, day: int, row: Row, gte: int) -> set[str]:
        rows = self.of_day(day, row)
        return {symptom for each in rows for symptom, level in _severities(each).items() if level >= gte}

    def _findings(self, node: nodes.SameDayFindings, row: Row) -> Explanation:
        within = FINDINGS_WITHIN // MICROSECOND
        instants = {each.id: each.instant for each in self.rows}
        found: dict[str, list[Json]] = {}
        for result in self.results:
            ago = row.instant - instants[result.entry_id]
            if result.entry_id != row.id and not 0 < ago <= within:
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


def _answer(row: Row, symptom: str, field: str) -> Exact | None:
    value = row.entry.answers.get(symptom, {}).get(field)
    return None if value is None else exact(value)


def _severities(row: Row) -> dict[str, int]:
    levels = {symptom: _answer(row, symptom, SEVERITY) for symptom in row.entry.answers}
    return {symptom: int(level) for symptom, level in levels.items() if level}


def _levels(levels: dict[str, int]) -> Json:
    return dict(sorted(levels.items()))


def _json(value: Exact | None) -> Json:
    return None if value is None else plain(value)
