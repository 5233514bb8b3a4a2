"""What is known of a patient and of one diary entry. Times are aware datetimes; only what is known is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from alerts.engine.errors import FactError
from alerts.engine.numbers import Exact
from alerts.engine.sentences import Sentence

Number = Exact | float
Value = bool | Number | str

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Further back and further on than any instant, and still near enough to subtract one from the other.
LONG_AGO, NEVER = timedelta(days=-(10**8)), timedelta(days=10**8)
NOTHING: Mapping[str, Any] = {}  # nobody writes into a Mapping


@dataclass(frozen=True, slots=True)
class Dose:
    therapy: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ContextSpan:
    """Both ends belong to it. No start: it held for ever before; no end: it still holds."""

    context: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """`baseline` is the patient's usual value by name: `stools_24h`, `weight`, `systolic_bp` … in the catalogue's unit."""

    time_zone: tzinfo
    doses: tuple[Dose, ...] = ()
    contexts: tuple[ContextSpan, ...] = ()
    baseline: Mapping[str, Number] = field(default_factory=dict)


class EntryFacts(NamedTuple):
    """`answers` is symptom -> field -> value, `measurements` is name -> value, both in the catalogue's units.
    `id` orders entries of the same instant. `scales` is symptom -> number of the scale that its severity was answered on
    (0 where it is missing): severities of two scales are never compared. A tuple, because a replay makes a million."""

    id: str
    at: datetime
    answers: Mapping[str, Mapping[str, Value]] = NOTHING
    measurements: Mapping[str, Number] = NOTHING
    scales: Mapping[str, int] = NOTHING


def instant(moment: datetime, what: str) -> timedelta:
    """The time since 1970. Two local times of the same zone compare wrongly in the hour that a clock goes back; these
    never do."""
    try:
        return moment - EPOCH
    except TypeError:
        raise FactError(what, Sentence('the time needs a zone or an offset')) from None
