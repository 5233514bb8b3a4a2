"""Whether a rule keeps to the clinic's limits, and why not, in words. Nothing follows from it but a place on a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alerts.models import RuleBudget
from alerts.queries.rules.budget import Cost

ENOUGH = 10  # from so many cases on a share is held against a limit: under it one nurse's day decides


class Standing(Enum):
    """`untouchable`: an emergency rule, whatever its figures. `quiet`: it tells the patient only, and costs no nurse's time."""

    OVER = 'over'
    WITHIN = 'within'
    FEW = 'few'
    UNTOUCHABLE = 'untouchable'
    QUIET = 'quiet'


@dataclass(frozen=True)
class Verdict:
    """`reasons` say what is over the limits; `open` what could not be judged yet."""

    standing: Standing
    reasons: Sequence[str] = ()
    open: Sequence[str] = ()


def judge(cost: Cost, *, entries: int, limits: RuleBudget, tier: str, untouchable: bool) -> Verdict:
    """Of one rule; `entries` are all of the same days."""
    if untouchable:
        return Verdict(Standing.UNTOUCHABLE)
    if tier == 'monitor':
        return Verdict(Standing.QUIET)
    reasons = [words for words in (_rate(cost, entries, limits), _acted(cost, limits), _noise(cost, limits)) if words]
    if reasons:
        return Verdict(Standing.OVER, reasons, _open(cost))
    return Verdict(Standing.WITHIN if cost.calls >= ENOUGH else Standing.FEW, (), _open(cost))


def over_in_all(calls: int, *, entries: int, limits: RuleBudget) -> bool:
    """Whether all rules together raise more flags than the clinic is ready to look at."""
    return calls >= ENOUGH and 100 * calls > limits.flags_per_100 * entries


def _rate(cost: Cost, entries: int, limits: RuleBudget) -> str:
    if cost.calls < ENOUGH or not entries or 100 * cost.calls <= limits.rule_per_100 * entries:
        return ''
    words = {'n': number_format(round(100 * cost.calls / entries, 1), 1), 'limit': limits.rule_per_100}
    return _('%(n)s flags on 100 entries; your limit for one rule is %(limit)d.') % words


def _acted(cost: Cost, limits: RuleBudget) -> str:
    if cost.judged < ENOUGH or 100 * cost.acted >= limits.least_acted_on * cost.judged:
        return ''
    return _(
        'Something was done in %(part)d of %(of)d closed cases (%(n)s %%); you want at least %(limit)d %%.'
    ) % _share(cost.acted, cost.judged, limits.least_acted_on)


def _noise(cost: Cost, limits: RuleBudget) -> str:
    if cost.marked < ENOUGH or 100 * cost.noise <= limits.most_noise * cost.marked:
        return ''
    return _('Nurses called %(part)d of %(of)d marked cases noise (%(n)s %%); your limit is %(limit)d %%.') % _share(
        cost.noise, cost.marked, limits.most_noise
    )


def _share(part: int, of: int, limit: int) -> dict[str, object]:
    # With one decimal: 39.6 % is under 40 %, and “40 %; at least 40 %” would read like a mistake.
    return {'part': part, 'of': of, 'n': number_format(round(100 * part / of, 1), 1), 'limit': limit}


def _open(cost: Cost) -> list[str]:
    if cost.calls < ENOUGH:
        return [_('Too few flags to judge: %(n)d, from %(enough)d on.') % {'n': cost.calls, 'enough': ENOUGH}]
    found = []
    if cost.judged < ENOUGH:
        found.append(_('Too few closed cases to judge what was done: %(n)d.') % {'n': cost.judged})
    if cost.marked < ENOUGH:
        found.append(_('Too few marks to judge noise: %(n)d.') % {'n': cost.marked})
    return found
