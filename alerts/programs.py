"""From a stored rule set to the engine's compiled program. Compiled once per process, rule set and catalogue."""

from dataclasses import dataclass
from functools import lru_cache

from alerts.engine import Catalogue, Program, compile_rules
from alerts.engine import RuleSet as Rules
from alerts.models import RuleSet
from alerts.queries.rules.in_force import content_of
from diary.catalogue import CatalogueView, current_catalogue, engine_mapping


@dataclass(frozen=True)
class Compiled:
    """A rule set ready to run: `rules` for titles, citations and deadlines, `program` to evaluate."""

    rule_set_id: int
    rules: Rules
    program: Program


def compiled(rule_set: RuleSet) -> Compiled:
    """The program of a rule set with the catalogue of now. Raises RuleError when a rule does not fit the catalogue.

    Fields of a symptom are only ever added, so the catalogue of now reads every stored answer.
    """
    return _compile(rule_set.pk, rule_set.digest, current_catalogue('en'))


@lru_cache(maxsize=64)
def _compile(rule_set_id: int, digest: str, view: CatalogueView) -> Compiled:
    rules = Rules.parse(content_of(rule_set_id), Catalogue.parse(engine_mapping()))
    return Compiled(rule_set_id, rules, compile_rules(rules))
