"""What a snooze hides: a known same-day finding up to an expected level. Whatever is worse, new or asks for somebody breaks it.

Emergency and urgent are not in the reach of a snooze at all: they go their own way, and end it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from alerts.engine.catalogue import SEVERITY
from alerts.engine.numbers import Exact, exact, plain
from alerts.engine.results import FlagResult
from alerts.engine.tiers import Tier

MOST_DAYS = 30
WORST = 4
# Said to a person, each time anew. Nobody can have expected it, so no snooze keeps it quiet.
REQUESTS = frozenset({'worried', 'call_back'})
_MEASURES = frozenset({'measure_below', 'measure_dropped', 'measure_changed'})


class Verdict(StrEnum):
    """What the flags of an entry mean for a snooze that runs."""

    STAYS = 'stays'  # the same as expected, or less: no news
    WORSE = 'worse'  # worse than expected, or something new: it ends
    RED = 'red'  # somebody must act now: it ends, whatever it expected


@dataclass(frozen=True, slots=True)
class Level:
    """How much of a symptom was told, or is expected at most: severity 0 to 4 (None: not told), the fields answered yes, the
    numbers in the catalogue's units. `asks` when it holds free words or a request, which cannot be compared."""

    severity: int | None = None
    yes: frozenset[str] = frozenset()
    numbers: Mapping[str, Exact] = field(default_factory=dict)
    asks: bool = False

    def within(self, most: 'Level') -> bool:
        """Nothing in it is more than in `most`. The rule language knows a symptom's numbers by "at least" only: higher is worse."""
        return (
            not self.asks
            and (self.severity or 0) <= (most.severity or 0)
            and self.yes <= most.yes
            and all(value <= most.numbers.get(name, 0) for name, value in self.numbers.items())
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """Up to which level each symptom is no news, and for which rules."""

    rules: frozenset[str]
    symptoms: Mapping[str, Level]

    @classmethod
    def of(cls, flags: Iterable[FlagResult], levels: Mapping[str, Level]) -> 'Expected':
        """What can be expected of some same-day flags, each symptom up to its level; the others are left out.

        A flag that names no symptom (a measurement's) has no level in words and, read against a usual value that itself moves,
        no direction either; one with free words or a request cannot be compared. Neither is ever kept quiet.
        """
        known = [flag for flag in flags if flag.tier is Tier.SAME_DAY and _comparable(flag, levels)]
        named = {code for flag in known for code in flag.symptoms}
        return cls(frozenset(flag.rule_id for flag in known), {code: levels[code] for code in sorted(named)})

    @classmethod
    def from_json(cls, given: object) -> 'Expected':
        """From what a snooze stores. Raises ValueError for anything unknown in it."""
        found = _keyed(given, {'rules', 'symptoms'})
        symptoms = found['symptoms']
        if not isinstance(symptoms, dict):
            raise ValueError('symptoms must be a mapping')
        return cls(_names(found['rules']), {str(code): _level(each) for code, each in symptoms.items()})

    def to_json(self) -> dict[str, Any]:
        return {
            'rules': sorted(self.rules),
            'symptoms': {code: _level_json(level) for code, level in sorted(self.symptoms.items())},
        }


def level_of(symptoms: Iterable[str], document: Mapping[str, Any]) -> dict[str, Level]:
    """The told level of each of some symptoms in a revision's document; nothing told is the empty level."""
    answers = document.get('answers', {})
    return {code: _told(answers.get(code, {}).get('values', {})) for code in symptoms}


def covers(expected: Expected, flags: Iterable[FlagResult], levels: Mapping[str, Level]) -> bool:
    """Whether same-day flags are no news: known rules, known symptoms, no level above the expected one."""
    return all(
        flag.rule_id in expected.rules
        and bool(flag.symptoms)
        and all(code in expected.symptoms and levels[code].within(expected.symptoms[code]) for code in flag.symptoms)
        for flag in flags
    )


def decide(expected: Expected, flags: Iterable[FlagResult], levels: Mapping[str, Level]) -> Verdict:
    """What the flags of one entry do to a snooze. `levels` has every symptom that they name, as level_of gives it."""
    flags = list(flags)
    if any(flag.tier > Tier.SAME_DAY for flag in flags):
        return Verdict.RED
    same_day = [flag for flag in flags if flag.tier is Tier.SAME_DAY]
    return Verdict.STAYS if covers(expected, same_day, levels) else Verdict.WORSE


def rests_on_measurement(evidence: Mapping[str, Any]) -> bool:
    """Whether a measurement helped to raise a flag: the engine's explanation has one that held."""
    if not evidence['held']:
        return False
    return evidence['word'] in _MEASURES or any(rests_on_measurement(child) for child in evidence['children'])


def end_of(day: date, *, now: datetime, zone: tzinfo) -> datetime:
    """The instant at which a local day ends. Raises ValueError for a day that is over or more than MOST_DAYS ahead."""
    today = now.astimezone(zone).date()
    if not today <= day <= today + timedelta(days=MOST_DAYS):
        raise ValueError(f'{day} is not within {MOST_DAYS} days')
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _comparable(flag: FlagResult, levels: Mapping[str, Level]) -> bool:
    return bool(flag.symptoms) and not any(levels[code].asks for code in flag.symptoms)


def _told(values: Mapping[str, Any]) -> Level:
    severity = values.get(SEVERITY)
    said = {name for name, value in values.items() if value is True}
    numbers = {
        name: exact(value)
        for name, value in values.items()
        if name != SEVERITY and not isinstance(value, bool | str) and value is not None
    }
    words = any(isinstance(value, str) and value.strip() for value in values.values())
    return Level(severity, frozenset(said - REQUESTS), numbers, words or bool(said & REQUESTS))


def _level_json(level: Level) -> dict[str, Any]:
    numbers = {name: plain(value) for name, value in sorted(level.numbers.items())}
    return {'severity': level.severity, 'yes': sorted(level.yes), 'numbers': numbers}


def _level(given: object) -> Level:
    found = _keyed(given, {'severity', 'yes', 'numbers'})
    severity, numbers = found['severity'], found['numbers']
    if severity is not None and (type(severity) is not int or not 0 <= severity <= WORST):
        raise ValueError(f'a severity is 0 to {WORST}')
    if not isinstance(numbers, dict):
        raise ValueError('numbers must be a mapping')
    return Level(severity, _names(found['yes']), {str(name): _number(value) for name, value in numbers.items()})


def _number(given: object) -> Exact:
    try:
        return exact(Decimal(given) if isinstance(given, str) else given)
    except (TypeError, ArithmeticError):
        raise ValueError('a number is needed') from None


def _names(given: object) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise ValueError('a list of names is needed')
    return frozenset(given)


def _keyed(given: object, keys: set[str]) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) != keys:
        raise ValueError(f'exactly these are needed: {", ".join(sorted(keys))}')
    return given
