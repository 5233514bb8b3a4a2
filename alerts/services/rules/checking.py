"""Whether rules can be read, against the catalogue and the citations of now."""

from typing import Any

from alerts.engine import Catalogue
from alerts.engine import RuleSet as Rules
from alerts.models import Citation
from diary.catalogue import engine_mapping


def read_rules(content: Any) -> Rules:
    """The rules of a whole rule-set mapping. Raises RuleError, which says what is wrong and where.

    A rule that cites a sentence that is not in the database, or that has no citation or no basis, is refused.
    """
    return Rules.parse(content, Catalogue.parse(engine_mapping()), set(Citation.objects.values_list('code', flat=True)))
