"""The flags that a rule can raise, told apart by the symptoms that they name."""

from dataclasses import dataclass

from alerts.engine.results import FlagResult
from alerts.engine.rules import Rule

MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class FlagPlan:
    """How a rule's flags are told apart. With `always` alone, there is one. With `sometimes`, a number says by its bits
    which of these are named too. With neither, the set of names itself is the key."""

    rule: Rule
    always: frozenset[str] = frozenset()
    sometimes: tuple[str, ...] | None = None


class Flags(dict[int | frozenset[str], FlagResult]):
    """A rule's flags by the symptoms they name, made when first met: the same few come again and again."""

    def __init__(self, plan: FlagPlan) -> None:
        super().__init__()
        self._plan = plan

    def __missing__(self, key: int | frozenset[str]) -> FlagResult:
        rule = self._plan.rule
        if len(self) >= MOST_KEPT:
            self.clear()
        self[key] = flag = FlagResult(rule.id, rule.tier, tuple(sorted(self._names(key))))
        return flag

    def _names(self, key: int | frozenset[str]) -> frozenset[str]:
        if isinstance(key, frozenset):
            return key
        named = (name for bit, name in enumerate(self._plan.sometimes or ()) if key >> bit & 1)
        return self._plan.always.union(named)
