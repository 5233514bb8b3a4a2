"""Made-up conditions and rules in every word of the language, against the default catalogue."""

from math import ceil
from typing import Any

from hypothesis import strategies as st

from alerts.content import default_rules, default_sources
from alerts.engine import Kind
from alerts.engine.visible import hidden_in

RULES = default_rules()
CATALOGUE = RULES.catalogue
WITH_SEVERITY = sorted(code for code, symptom in CATALOGUE.symptoms.items() if 'severity' in symptom.fields)
YES = [(s.code, f.name) for s in CATALOGUE.symptoms.values() for f in s.fields.values() if f.kind is Kind.YES]
NUMBERS = [(s.code, f) for s in CATALOGUE.symptoms.values() for f in s.fields.values() if f.is_number]
WITH_USUAL = sorted(name for name, measure in CATALOGUE.measurements.items() if measure.has_baseline)

levels, days = st.integers(1, 4), st.integers(1, 60)
names = st.lists(st.sampled_from(sorted(CATALOGUE.symptoms)), min_size=1, max_size=6, unique=True)
severe = st.sampled_from(WITH_SEVERITY)


def limits(low: Any, high: Any) -> st.SearchStrategy[int | float]:
    """Numbers as people write them: whole, or with up to three places."""
    places = st.integers(int(low * 1000), int(high * 1000)).map(lambda n: n / 1000)
    return st.integers(ceil(low), int(high)) | places


def _number(pair: Any, word: str, least: float) -> st.SearchStrategy[dict[str, Any]]:
    code, field = pair
    return limits(max(field.low, least), field.high).map(lambda n: {'symptom': code, 'field': field.name, word: n})


def _measured(name: str) -> st.SearchStrategy[dict[str, Any]]:
    measure = CATALOGUE.measurements[name]
    return limits(measure.low, measure.high).map(lambda n: {'measure': name, 'lt': n})


LEAVES: dict[str, st.SearchStrategy[Any]] = {
    'macro': st.sampled_from(sorted(RULES.macros)),
    'severity': st.builds(lambda code, n: {'symptom': code, 'gte': n}, severe, levels),
    'yes': st.sampled_from(YES).map(lambda pair: {'symptom': pair[0], 'field': pair[1]}),
    'number': st.sampled_from(NUMBERS).flatmap(lambda pair: _number(pair, 'gte', 0)),
    'over': st.sampled_from(NUMBERS).flatmap(lambda pair: _number(pair, 'over_baseline_gte', 0.001)),
    'reported': names.map(lambda found: {'reported_any': found}),
    'new': names.map(lambda found: {'new_any': found}),
    'worsened': st.builds(lambda code, n: {'worsened': code, 'by': n}, severe, levels),
    'any_worsened': levels.map(lambda n: {'any_worsened_by': n}),
    'any_severity': levels.map(lambda n: {'any_severity_gte': n}),
    'persists_any': st.builds(lambda d, n: {'persists_any_severity': {'days': d, 'gte': n}}, days, levels),
    'hours': limits(0, 24 * 3660).map(lambda n: {'hours_since_dose': {'lte': n}}),
    'therapy': st.builds(
        lambda name, first, more: {'therapy': name, 'day_gte': first, 'day_lte': min(first + more, 3660)},
        st.sampled_from(sorted(CATALOGUE.therapies)),
        st.integers(0, 3660),
        st.integers(0, 3660),
    ),
    'context': st.sampled_from(sorted(CATALOGUE.contexts)).map(lambda name: {'context': name}),
    'below': st.sampled_from(sorted(CATALOGUE.measurements)).flatmap(_measured),
    'dropped': st.builds(
        lambda name, n: {'measure': name, 'drop_percent_gt': n}, st.sampled_from(WITH_USUAL), limits(0, 100)
    ),
    'changed': st.builds(
        lambda name, n: {'measure': name, 'change_percent_gte': n}, st.sampled_from(WITH_USUAL), limits(0.001, 1000)
    ),
    'allergic': st.integers(1, len(CATALOGUE.allergic)).map(lambda n: {'allergic_signs_gte': n}),
    'findings': st.integers(1, len(CATALOGUE.symptoms)).map(lambda n: {'same_day_findings_24h_gte': n}),
}
leaves = st.one_of(*LEAVES.values())


@st.composite
def _persists(draw: Any, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    tests = draw(st.lists(inner, min_size=1, max_size=4))
    return {'persists': {'days': draw(days), 'at_least': draw(st.integers(1, len(tests))), 'of': tests}}


def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(inner, min_size=1, max_size=4)
    return parts.map(lambda found: {'any': found}) | parts.map(lambda found: {'all': found}) | _persists(inner)


conditions = st.recursive(leaves, groups, max_leaves=14)
titles = st.text(min_size=1, max_size=80).filter(str.strip).filter(lambda text: not hidden_in(text))


@st.composite
def rules(draw: Any) -> dict[str, Any]:
    """A rule that the engine reads, as the value under its id."""
    tier = draw(st.sampled_from(['emergency', 'urgent', 'same_day', 'monitor']))
    minutes = draw(st.none() | st.integers(1, 7 * 24 * 60)) if tier != 'monitor' else None
    cites = st.lists(st.sampled_from(sorted(default_sources().citations)), min_size=1, max_size=4, unique=True)
    return {
        'tier': tier,
        **({'acknowledge_within_minutes': minutes} if minutes else {}),
        'title': draw(titles),
        'basis': draw(st.sampled_from(['seed', 'recovered', 'substitute', 'guideline', 'design'])),
        'cites': draw(cites),
        'when': draw(conditions),
    }
