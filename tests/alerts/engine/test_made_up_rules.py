"""Made-up rule sets on made-up timelines: the compiled rules, the reference and the explanation must agree on every word."""

from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.content import catalogue_mapping
from alerts.engine import RuleError, RuleSet, compile_rules, nodes
from alerts.engine.parse import ConditionReader
from alerts.engine.spot import Spot
from tests.alerts.engine import reference
from tests.alerts.engine.made_up import CATALOGUE, cases, rescaled

PLAIN_CATALOGUE = catalogue_mapping()
SOME = ('COUGH', 'RASH', 'DIARRHEA', 'FEVER', 'NAUSEA', 'ITCH')
LEVEL = st.integers(1, 4)
SYMPTOM = st.sampled_from(SOME)
SYMPTOMS = st.lists(SYMPTOM, min_size=1, max_size=3, unique=True)
HOURS = st.sampled_from([0, 12.5, 24, 48, 200])
PERCENT = st.sampled_from([2.5, 5, 10, 30])


def one(word: str, value: st.SearchStrategy) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({word: value})


def words(**values: st.SearchStrategy | str) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({k: st.just(v) if isinstance(v, str) else v for k, v in values.items()})


# One for each word of the language that stands alone.
TESTS = [
    words(symptom=SYMPTOM, gte=LEVEL),
    words(symptom='RASH', field='painful'),
    words(symptom='VOMIT', field='cannot_keep_fluids'),
    words(symptom='FEVER', field='celsius', gte=st.sampled_from([37.5, 38, 38.3])),
    words(symptom='DIARRHEA', field='stools_24h', over_baseline_gte=st.sampled_from([1, 4, 6.5])),
    one('reported_any', SYMPTOMS),
    one('new_any', SYMPTOMS),
    words(worsened=SYMPTOM, by=LEVEL),
    one('any_worsened_by', LEVEL),
    one('any_severity_gte', LEVEL),
    one('persists_any_severity', words(days=st.integers(1, 3), gte=LEVEL)),
    one('hours_since_dose', words(lte=HOURS)),
    words(therapy='car_t', day_gte=st.integers(0, 3), day_lte=st.integers(3, 30)),
    words(context=st.sampled_from(sorted(CATALOGUE.contexts))),
    words(measure='systolic_bp', lt=st.sampled_from([90, 100])),
    words(measure='weight', drop_percent_gt=PERCENT),
    words(measure='weight', change_percent_gte=PERCENT),
    one('allergic_signs_gte', st.integers(1, 2)),
    one('same_day_findings_24h_gte', st.integers(1, 2)),
]
ALONE = TESTS[:-1]  # without the findings of other rules


def wider(inner: st.SearchStrategy) -> st.SearchStrategy:
    several = st.lists(inner, min_size=1, max_size=3)

    def lasting(tests: list) -> st.SearchStrategy:
        of = st.just(tests)
        return one('persists', words(days=st.integers(1, 3), at_least=st.integers(1, len(tests)), of=of))

    return one('any', several) | one('all', several) | several.flatmap(lasting)


CONDITION = st.recursive(st.one_of(TESTS), wider, max_leaves=6)


@st.composite
def rule_sets(draw) -> dict:
    """Four rules and a macro that one of them uses; findings need a rule of the same-day tier, so the first is one."""
    tiers = ['same_day', *draw(st.lists(st.sampled_from(['monitor', 'same_day', 'urgent', 'emergency']), min_size=3))][
        :4
    ]
    tiers += ['same_day'] * (4 - len(tiers))
    whens = [draw(st.one_of(ALONE)), draw(CONDITION), draw(CONDITION), {'any': [draw(CONDITION), 'named']}]
    rules = {
        f'X{index}': {'tier': tier, 'title': 'Made up', 'basis': 'design', 'cites': ['penn'], 'when': when}
        for index, (tier, when) in enumerate(zip(tiers, whens, strict=True))
    }
    return {
        'macros': {'named': draw(st.one_of(ALONE))},
        'rules': rules,
        'follow_up_months_after_last_dose': 24,
        'acknowledge_within_minutes': {'emergency': 5, 'urgent': 60, 'same_day': 240},
    }


@given(content=rule_sets(), case=cases(most=5) | rescaled(most=6))
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_compiled_rules_reference_and_explanation_agree(content, case):
    patient, entries = case
    program = compile_rules(RuleSet.parse(content, CATALOGUE))
    results = program.evaluate(patient, entries)
    found = [(r.entry_id, r.tier.word, {f.rule_id: set(f.symptoms) for f in r.flags}) for r in results]
    assert found == reference.evaluate(content, PLAIN_CATALOGUE, patient, entries)
    for result in results:
        fired = {flag.rule_id: flag.symptoms for flag in result.flags}
        for rule_id in content['rules']:
            why = program.explain(patient, entries, result.entry_id, rule_id)
            assert (why.held, why.symptoms) == (rule_id in fired, fired.get(rule_id, ()))


@given(tests=st.tuples(*TESTS))
@settings(max_examples=1)
def test_the_made_up_conditions_know_every_word_of_the_language(tests):
    reader = ConditionReader(CATALOGUE, {})
    known = {type(reader.read(Spot(test, RuleError))) for test in tests}
    assert known | {nodes.Any, nodes.All, nodes.Macro, nodes.Persists} == set(get_args(nodes.Node))
