"""What happens in a made-up life, each with the instant at which somebody types it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from diary.demo.episodes import Answers
from diary.demo.regimens import Regimen


@dataclass(frozen=True, kw_only=True)
class Event:
    """`at` is the simulated clock when it is typed."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class CourseEntered(Event):
    regimen: Regimen
    starts_on: date


@dataclass(frozen=True, kw_only=True)
class DoseGiven(Event):
    given_at: datetime
    amount: str
    moves_cycles: bool = False


@dataclass(frozen=True, kw_only=True)
class CourseStopped(Event):
    on: date


@dataclass(frozen=True, kw_only=True)
class UsualMeasured(Event):
    kind: str
    number: Decimal
    unit: str


@dataclass(frozen=True, kw_only=True)
class ContextHeld(Event):
    code: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Written(Event):
    """An entry about `about_at`; without answers and measurements it says that nothing is new."""

    client_uuid: UUID
    about_at: datetime
    answers: Answers = field(default_factory=dict)
    measurements: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Corrected(Event):
    """The entry with `client_uuid` says this instead."""

    client_uuid: UUID
    answers: Answers
    measurements: dict[str, Any]
