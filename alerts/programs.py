"""From a stored rule set to the engine's compiled program. Compiled once per process, rule set and catalogue."""

from dataclasses import dataclass, replace
from functools import lru_cache

from alerts.engine import Catalogue, Program, compile_rules
from alerts.engine import RuleSet as Rules
from alerts.engine.nodes import uses_findings
from alerts.engine.tiers import Tier
from alerts.models import RuleSet
from alerts.queries.rules.in_force import content_of
from diary.catalogue import CatalogueView, current_catalogue, engine_mapping
from diary.scales import Scales


@dataclass(frozen=True)
class Compiled:
    """A rule set ready to run: `rules` for titles, citations and deadlines, `program` to evaluate, `scales` to read old levels
    by."""

    rule_set_id: int
    rules: Rules
    program: Program
    scales: Scales


def compiled(rule_set: RuleSet) -> Compiled:
    """The program of a rule set with the catalogue of now. Raises RuleError when a rule does not fit the catalogue,
    RuleSet.DoesNotExist when it is a draft that was changed since it was read.

    Fields of a symptom are only ever added, so the catalogue of now reads every stored answer.
    """
    return _compile(rule_set.pk, rule_set.digest, current_catalogue('en'))


@lru_cache(maxsize=64)
def _compile(rule_set_id: int, digest: str, view: CatalogueView) -> Compiled:
    # What is kept under a digest has to be what it stands for: a draft may be changed, changed back, and published.
    rules = Rules.parse(content_of(rule_set_id, digest=digest), Catalogue.parse(engine_mapping()))
    return Compiled(rule_set_id, rules, compile_rules(rules), view.scales)


def compiled_aside(rule_set: RuleSet) -> Compiled:
    """The shared default's own versions of the emergency rules that a clinic's set has set aside, as a program of their own.

    Raises RuleError; ValueError for a set that stands on no default.
    """
    if rule_set.default_id is None:
        raise ValueError('a set that sets rules aside stands on a default')
    return _compile_aside(rule_set.default_id, frozenset(rule_set.set_aside), current_catalogue('en'))


@lru_cache(maxsize=64)
def _compile_aside(default_id: int, names: frozenset[str], view: CatalogueView) -> Compiled:
    whole = Rules.parse(content_of(default_id), Catalogue.parse(engine_mapping()))
    wanted = {name: rule for name, rule in whole.rules.items() if name in names}
    if any(uses_findings(rule.when) for rule in wanted.values()):  # those count what the same-day rules find
        wanted |= {name: rule for name, rule in whole.rules.items() if rule.tier is Tier.SAME_DAY}
    rules = replace(whole, rules=wanted, missed={})
    return Compiled(default_id, rules, compile_rules(rules), view.scales)
