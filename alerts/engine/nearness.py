"""How near a rule came to firing: the fewest of its conditions that would still have to come true."""

from collections.abc import Iterable

from alerts.engine.results import Explanation, Json


def missing(why: Explanation) -> int:
    """0 where the condition held. Else the fewest single conditions that would have to hold as well: the cheapest branch of an
    `any`, every branch of an `all` that does not hold; of `persists` as many tests as each day still lacks."""
    if why.held:
        return 0
    match why.word:
        case 'any':
            return min((missing(child) for child in why.children), default=1)
        case 'all' | 'macro':
            return sum(missing(child) for child in why.children)
        case 'persists':
            needed = int(str(why.asked['at_least']))
            return sum(_day(day, needed) for day in why.children)
    return 1


def touched(why: Explanation) -> bool:
    """Whether any single condition found something to look at: an answer, a value, a dose in reach; true or false."""
    return why.held or any(map(_something, why.seen.values())) or any(map(touched, why.children))


def _day(day: Explanation, needed: int) -> int:
    """What one day lacks; of a day without an entry nothing is known, so all of it."""
    if day.held:
        return 0
    held = sum(test.held for test in day.children)
    lacking = sorted(missing(test) for test in day.children if not test.held)
    return sum(_first(lacking, needed - held))


def _first(lacking: list[int], count: int) -> Iterable[int]:
    return (lacking + [1] * count)[:count]


def _something(value: Json) -> bool:
    if isinstance(value, dict):
        return any(map(_something, value.values()))
    return value not in (None, [], '') and value is not False
