"""Between stored flags and engine/snoozing.py: what of an alert can be expected, what new flags do to a snooze, and its words."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from alerts.engine import FlagResult, Tier
from alerts.engine.snoozing import Expected, Level, Verdict, decide, level_of, rests_on_measurement
from alerts.models import Flag, Snooze
from alerts.unread import is_unread
from alerts.words.answers import quantity, short_name
from diary.answers import Units
from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import PRESENT

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Findings:
    """What holds of an alert as the engine tells it, and how much of each symptom was told last."""

    flags: tuple[FlagResult, ...]
    levels: Mapping[str, Level]

    @property
    def expected(self) -> Expected:
        """What a snooze at these levels would keep quiet."""
        return Expected.of(self.flags, self.levels)

    @property
    def always_news(self) -> frozenset[str]:
        """Rules that no snooze keeps quiet: measurements, free words, a request."""
        return frozenset(flag.rule_id for flag in self.flags) - self.expected.rules


def findings(flags: Iterable[Flag]) -> Findings:
    """Of the flags of an alert, newest entry first, as queries.flags_of gives them; those that were withdrawn are left out."""
    holding = [flag for flag in flags if flag.withdrawn_at is None and not is_unread(flag)]
    levels: dict[str, Level] = {}
    for flag in holding:
        levels = level_of(flag.symptoms, flag.evaluation.revision.document) | levels
    return Findings(tuple(result_of(flag) for flag in holding), levels)


def result_of(flag: Flag) -> FlagResult:
    """A stored flag as the engine tells it; one that a measurement helped to raise names no symptom, so that nothing covers it."""
    return unmeasured(FlagResult(flag.rule, Tier.from_word(flag.tier), tuple(flag.symptoms)), flag.evidence)


def unmeasured(flag: FlagResult, evidence: Mapping[str, Any]) -> FlagResult:
    """The flag, without its symptoms where a measurement helped to raise it."""
    return FlagResult(flag.rule_id, flag.tier, ()) if rests_on_measurement(evidence) else flag


def verdict_on(snooze: Snooze, flags: Sequence[FlagResult], document: Mapping[str, Any]) -> Verdict:
    """What the flags of one entry mean for a running snooze. An expectation that cannot be read hides nothing."""
    try:
        expected = Expected.from_json(snooze.expected)
    except ValueError:
        log.error('the expectation of snooze %s cannot be read', snooze.pk)
        return Verdict.WORSE
    codes = {code for flag in flags for code in flag.symptoms}
    return decide(expected, flags, level_of(codes, document))


def expected_words(snooze: Snooze, catalogue: CatalogueView, units: Units) -> list[str]:
    """Such as “Skin rash: up to mild, 5 % of the body”. Empty for an expectation that cannot be read: it hides nothing."""
    try:
        expected = Expected.from_json(snooze.expected)
    except ValueError:
        return []
    return [level_words(catalogue.symptom(code), level, units) for code, level in expected.symptoms.items()]


def level_words(spec: SymptomSpec, level: Level, units: Units) -> str:
    """One symptom and the most that is expected of it, in the catalogue's words."""
    parts = [spec.levels[level.severity].word.lower()] if level.severity and spec.levels else []
    parts += [quantity(spec.fields[name], float(value), units) for name, value in level.numbers.items()]
    parts += [short_name(spec.fields[name]) for name in sorted(level.yes) if name != PRESENT]
    words = {'symptom': spec.name, 'level': ', '.join(parts)}
    return _('%(symptom)s: up to %(level)s') % words if parts else spec.name
