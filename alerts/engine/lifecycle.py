"""The life of an alert: one table of every legal move, and when a person must have seen it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType

from alerts.engine.hours import Hours, after_open_time
from alerts.engine.tiers import Tier


class State(StrEnum):
    OPEN = 'open'
    ACKNOWLEDGED = 'acknowledged'
    CONTACTED = 'contacted'
    RESOLVED = 'resolved'


class Move(StrEnum):
    """What can happen to an alert. People: acknowledge to resolve. The engine: join, raise, reopen, withdraw.

    `try_contact` is a contact in which nobody was reached. `join` brings a further entry with nothing new in it, `reopen` a
    new finding to an alert that a person had acknowledged, `raise` a worse tier. `withdraw` says that a flag no longer holds.
    """

    ACKNOWLEDGE = 'acknowledge'
    TAKE_OVER = 'take_over'
    CONTACT = 'contact'
    TRY_CONTACT = 'try_contact'
    NOTE = 'note'
    RESOLVE = 'resolve'
    JOIN = 'join'
    RAISE = 'raise'
    REOPEN = 'reopen'
    WITHDRAW = 'withdraw'


class IllegalMove(ValueError):
    """The move is not in the table."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f'an alert that is {state.value} cannot {move.value}')
        self.state = state
        self.move = move


# Whatever is not here is illegal. Nothing leaves "resolved": later news opens another alert.
MOVES: Mapping[tuple[State, Move], State] = MappingProxyType(
    {
        (State.OPEN, Move.ACKNOWLEDGE): State.ACKNOWLEDGED,
        (State.OPEN, Move.NOTE): State.OPEN,
        (State.OPEN, Move.JOIN): State.OPEN,
        (State.OPEN, Move.RAISE): State.OPEN,
        (State.OPEN, Move.WITHDRAW): State.OPEN,
        (State.ACKNOWLEDGED, Move.TAKE_OVER): State.ACKNOWLEDGED,
        (State.ACKNOWLEDGED, Move.CONTACT): State.CONTACTED,
        (State.ACKNOWLEDGED, Move.TRY_CONTACT): State.ACKNOWLEDGED,
        (State.ACKNOWLEDGED, Move.NOTE): State.ACKNOWLEDGED,
        (State.ACKNOWLEDGED, Move.RESOLVE): State.RESOLVED,
        (State.ACKNOWLEDGED, Move.JOIN): State.ACKNOWLEDGED,
        (State.ACKNOWLEDGED, Move.RAISE): State.OPEN,
        (State.ACKNOWLEDGED, Move.REOPEN): State.OPEN,
        (State.ACKNOWLEDGED, Move.WITHDRAW): State.ACKNOWLEDGED,
        (State.CONTACTED, Move.TAKE_OVER): State.CONTACTED,
        (State.CONTACTED, Move.CONTACT): State.CONTACTED,
        (State.CONTACTED, Move.TRY_CONTACT): State.CONTACTED,
        (State.CONTACTED, Move.NOTE): State.CONTACTED,
        (State.CONTACTED, Move.RESOLVE): State.RESOLVED,
        (State.CONTACTED, Move.JOIN): State.CONTACTED,
        (State.CONTACTED, Move.RAISE): State.OPEN,
        (State.CONTACTED, Move.REOPEN): State.OPEN,
        (State.CONTACTED, Move.WITHDRAW): State.CONTACTED,
        (State.RESOLVED, Move.NOTE): State.RESOLVED,
        (State.RESOLVED, Move.WITHDRAW): State.RESOLVED,
    }
)

# Who phones a patient, or closes her alert, has seen it: the acknowledgement is put on record first.
_IMPLIES_SEEN = frozenset({Move.CONTACT, Move.TRY_CONTACT, Move.RESOLVE})


def move(state: State | str, event: Move | str) -> State:
    """The state after `event`. Raises IllegalMove when the table has no such move, ValueError for an unknown word."""
    state, event = State(state), Move(event)
    if (state, event) not in MOVES:
        raise IllegalMove(state, event)
    return MOVES[state, event]


def steps(state: State | str, event: Move | str) -> tuple[Move, ...]:
    """The moves that a person's act stands for: a contact or an outcome on an open alert acknowledges it first."""
    state, event = State(state), Move(event)
    return (Move.ACKNOWLEDGE, event) if state is State.OPEN and event in _IMPLIES_SEEN else (event,)


def acknowledge_by(
    tier: Tier, opened_at: datetime, minutes: int, opening_hours: Iterable[Hours], zone: tzinfo
) -> datetime:
    """When a person must have acknowledged it. Emergency and urgent run by the wall clock; same day counts the minutes in which
    the clinic is open. A clinic that told no hours is promised the wall clock: sooner is the safe mistake."""
    amount = timedelta(minutes=minutes)
    # Arithmetic on local times forgets the clock change; UTC never does.
    wall_clock = opened_at.astimezone(UTC) + amount
    if tier is not Tier.SAME_DAY:
        return wall_clock
    return after_open_time(amount, opening_hours, zone, opened_at) or wall_clock
