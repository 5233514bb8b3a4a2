"""Rules for the people of one therapy: "only for people treated with T" is a condition like any other, in a fixed place.

`all: [{therapy: T, day_gte: 0, day_lte: 3660}, …]` holds for whoever had a dose of T in the last ten years, which is for
ever in a diary that ends months after the last dose.
"""

import alerts.engine.nodes as nodes
from alerts.engine.rules import Rule

FIRST_DAY, LAST_DAY = 0, 3660


def therapy_of(rule: Rule) -> str | None:
    """The class of therapy that the rule is for; None where it is for everybody."""
    match rule.when:
        case nodes.All((nodes.TherapyDay(therapy, day_gte, day_lte), _, *_)):
            return therapy if (day_gte, day_lte) == (FIRST_DAY, LAST_DAY) else None
    return None


def people(therapy: str) -> nodes.TherapyDay:
    """Everybody who is or was treated with it."""
    return nodes.TherapyDay(therapy, FIRST_DAY, LAST_DAY)
