"""Whether rules can be read, against the catalogue and the citations of now, and which of them need a reason."""

from typing import Any

from alerts.engine import Catalogue
from alerts.engine import RuleSet as Rules
from alerts.engine.stricter import needs_reason
from alerts.models import Citation, RuleSet
from diary.catalogue import engine_mapping

LEAST_REASON = 20  # characters of a reason for setting an emergency rule aside


def read_rules(content: Any) -> Rules:
    """The rules of a whole rule-set mapping. Raises RuleError, which says what is wrong and where.

    A rule that cites a sentence that is not in the database, or that has no citation or no basis, is refused.
    """
    return Rules.parse(content, Catalogue.parse(engine_mapping()), set(Citation.objects.values_list('code', flat=True)))


def as_they_were(content: Any, catalogue: Catalogue) -> Rules:
    """Rules that were checked once, to be read and compared: a sentence that they cite may be gone. Raises RuleError."""
    return Rules.parse(content, catalogue)


def rules_to_set_aside(rule_set: RuleSet) -> tuple[str, ...]:
    """The emergency rules of the shared default that a clinic's set leaves out, loosens, or has answered later. RuleError."""
    if rule_set.default is None:
        return ()
    catalogue = Catalogue.parse(engine_mapping())
    return needs_reason(as_they_were(rule_set.default.content, catalogue), as_they_were(rule_set.content, catalogue))


def is_reason(text: str) -> bool:
    return len(text.strip()) >= LEAST_REASON
