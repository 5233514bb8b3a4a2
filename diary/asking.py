"""What a new entry asks first, and why. Pure: the standard library only (docs/decisions/0055).

What was there last time comes first, worst news at the top; then what her medicines can hide, what came at this time of the last
cycle and what is usual with her treatment; the rest stays folded by body area. Every symptom is there once, whatever is known.
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

GONE_DAYS = 2  # days with an entry but without the symptom, after which nobody asks for it by itself any more
MOST_OFFERED = 12  # chips in sight besides what was there: more than a screen of them is no help
SOON = 2  # days after a dose in which signs of an allergic reaction are kept at hand (rules A01, A02: 48 hours)

# What each context can hide or sharpen (rules T05, T06).
WATCHED = {
    'on_steroids': ('FEVER', 'CHILLS'),
    'on_antipyretics': ('FEVER', 'CHILLS'),
    'neutropenia_risk': ('FEVER', 'CHILLS'),
}


class Why(enum.Enum):
    """The reason for which symptoms stand together; the page says it."""

    CHECK = 'check'  # a check of the treatment's first weeks, once a day
    ROSE = 'rose'  # new or worse in the last entry
    STILL = 'still'  # there in the last entry
    GONE = 'gone'  # was there, and was gone in the last entry
    WATCH = 'watch'  # what she takes may hide or sharpen it
    CYCLE = 'cycle'  # came around this day of the last cycle
    USUAL = 'usual'  # common with the treatment, by the documents
    DOSE = 'dose'  # a sign of an allergic reaction, in the days after a dose; folded
    AREA = 'area'  # everything else, by body area; folded


FOLDED = frozenset({Why.DOSE, Why.AREA})


@dataclass(frozen=True)
class Group:
    """Symptoms, by code, that stand together for one reason; `area` names those of a body area."""

    why: Why
    codes: tuple[str, ...]
    area: str = ''


@dataclass(frozen=True)
class Heard:
    """What one earlier entry reported: severities from 1 to 4; 1 too where there is no severity, such as a bare yes."""

    day: date
    levels: Mapping[str, int]


@dataclass(frozen=True)
class Known:
    """What the order follows from. `offered` are all symptoms that may be asked, with their body area, in the catalogue's order;
    `heard` the entries of the last days, oldest first; `checks` are due today; `usual` and `signs` belong to treatment and dose
    (`signs` empty when the last one is long ago); `cycle` came around this day of the cycle before."""

    offered: Mapping[str, str]
    heard: Sequence[Heard] = ()
    checks: Collection[str] = ()
    usual: Sequence[str] = ()
    contexts: Collection[str] = ()
    signs: Sequence[str] = ()
    cycle: Sequence[str] = field(default=())


def order(known: Known) -> tuple[Group, ...]:
    """Every offered symptom once, in the order in which it is asked; no empty groups."""
    left = dict(known.offered)
    rose, still = active(known.heard)
    first = [
        _taken(Why.CHECK, known.checks, left),
        _taken(Why.ROSE, rose, left),
        _taken(Why.STILL, still, left),
    ]
    return tuple(group for group in (*first, *_offered(known, left), *_areas(left)) if group.codes)


def active(heard: Sequence[Heard]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the last entry reported, the worst first: (new or worse than in the entry before, the rest).

    Without an entry before nothing is called new: nobody knows.
    """
    if not heard:
        return (), ()
    last = heard[-1].levels
    before = heard[-2].levels if len(heard) > 1 else last
    codes = sorted(last, key=lambda code: -last[code])
    rose = tuple(code for code in codes if last[code] > before.get(code, 0))
    return rose, tuple(code for code in codes if code not in rose)


def lately_gone(heard: Sequence[Heard]) -> tuple[str, ...]:
    """What was there and is not any more, until GONE_DAYS days with an entry have passed without it; the latest first."""
    days: set[date] = set()
    found: dict[str, None] = {}
    present = set(heard[-1].levels) if heard else set()
    for entry in reversed(heard):
        if len(days) < GONE_DAYS:
            found |= dict.fromkeys(code for code in entry.levels if code not in present)
        days.add(entry.day)
    return tuple(found)


def watched(contexts: Collection[str]) -> tuple[str, ...]:
    """What the contexts that hold now tell her to look out for."""
    return tuple(dict.fromkeys(code for context, codes in WATCHED.items() if context in contexts for code in codes))


def _offered(known: Known, left: dict[str, str]) -> Iterable[Group]:
    """What is in sight though nobody has reported it: never more than MOST_OFFERED; and, folded, signs of an allergic reaction."""
    room = MOST_OFFERED
    reasons = (
        (Why.GONE, lately_gone(known.heard)),
        (Why.WATCH, watched(known.contexts)),
        (Why.CYCLE, known.cycle),
        (Why.USUAL, known.usual),
    )
    for why, codes in reasons:
        group = _taken(why, codes, left, most=room)
        room -= len(group.codes)
        yield group
    yield _taken(Why.DOSE, known.signs, left)


def _areas(left: Mapping[str, str]) -> Iterable[Group]:
    areas: dict[str, list[str]] = {}
    for code, area in left.items():
        areas.setdefault(area, []).append(code)
    return [Group(Why.AREA, tuple(codes), area) for area, codes in areas.items()]


def _taken(why: Why, codes: Iterable[str], left: dict[str, str], *, most: int | None = None) -> Group:
    """Of `codes` those that are left, once, and out of `left`."""
    taken = [code for code in dict.fromkeys(codes) if code in left][:most]
    for code in taken:
        del left[code]
    return Group(why, tuple(taken))
