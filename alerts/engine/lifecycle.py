"""The life of an alert: one table of every legal move, and when a person must have seen it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType

from alerts.engine.hours import Hours, after_open_time
from alerts.engine.tiers import Tier


class State(StrEnum):
    OPEN = 'open'
    REOPENED = 'reopened'
    ACKNOWLEDGED = 'acknowledged'
    CONTACTED = 'contacted'
    SNOOZED = 'snoozed'
    RESOLVED = 'resolved'


WAITING = frozenset({State.OPEN, State.REOPENED})  # nobody has it in hand: the ladder climbs


class Move(StrEnum):
    """What can happen to an alert. People: acknowledge to undo. The engine: join to withdraw.

    The clock: escalate, return, wake.

    `try_contact` is a contact in which nobody was reached; `mark` says whether it was useful or noise; `undo` takes back a
    "resolved". `join` brings a further entry with nothing new in it, `reopen` a new finding to an alert that a person had in
    hand or had snoozed, `raise` a worse tier; `withdraw` says that a flag no longer holds. `escalate` tells the next people,
    `return` brings back what somebody acknowledged and forgot, `wake` ends a snooze (a person may do that, too).
    """

    ACKNOWLEDGE = 'acknowledge'
    TAKE_OVER = 'take_over'
    CONTACT = 'contact'
    TRY_CONTACT = 'try_contact'
    NOTE = 'note'
    SNOOZE = 'snooze'
    MARK = 'mark'
    RESOLVE = 'resolve'
    UNDO = 'undo'
    JOIN = 'join'
    RAISE = 'raise'
    REOPEN = 'reopen'
    WITHDRAW = 'withdraw'
    ESCALATE = 'escalate'
    RETURN = 'return'
    WAKE = 'wake'


class IllegalMove(ValueError):
    """The move is not in the table."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f'an alert that is {state.value} cannot {move.value}')
        self.state = state
        self.move = move


# Whatever is not here is illegal. What is resolved stays so, unless a person takes "resolved" back: later news opens another alert.
_TABLE: Mapping[State, Mapping[Move, State]] = {
    State.OPEN: {
        Move.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Move.NOTE: State.OPEN,
        Move.MARK: State.OPEN,
        Move.JOIN: State.OPEN,
        Move.RAISE: State.OPEN,
        Move.WITHDRAW: State.OPEN,
        Move.ESCALATE: State.OPEN,
    },
    State.REOPENED: {
        Move.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Move.NOTE: State.REOPENED,
        Move.MARK: State.REOPENED,
        Move.JOIN: State.REOPENED,
        Move.RAISE: State.REOPENED,
        Move.WITHDRAW: State.REOPENED,
        Move.ESCALATE: State.REOPENED,
    },
    State.ACKNOWLEDGED: {
        Move.TAKE_OVER: State.ACKNOWLEDGED,
        Move.CONTACT: State.CONTACTED,
        Move.TRY_CONTACT: State.ACKNOWLEDGED,
        Move.NOTE: State.ACKNOWLEDGED,
        Move.MARK: State.ACKNOWLEDGED,
        Move.SNOOZE: State.SNOOZED,
        Move.RESOLVE: State.RESOLVED,
        Move.JOIN: State.ACKNOWLEDGED,
        Move.RAISE: State.REOPENED,
        Move.REOPEN: State.REOPENED,
        Move.RETURN: State.REOPENED,
        Move.WITHDRAW: State.ACKNOWLEDGED,
    },
    State.CONTACTED: {
        Move.TAKE_OVER: State.CONTACTED,
        Move.CONTACT: State.CONTACTED,
        Move.TRY_CONTACT: State.CONTACTED,
        Move.NOTE: State.CONTACTED,
        Move.MARK: State.CONTACTED,
        Move.SNOOZE: State.SNOOZED,
        Move.RESOLVE: State.RESOLVED,
        Move.JOIN: State.CONTACTED,
        Move.RAISE: State.REOPENED,
        Move.REOPEN: State.REOPENED,
        Move.RETURN: State.REOPENED,
        Move.WITHDRAW: State.CONTACTED,
    },
    State.SNOOZED: {
        Move.CONTACT: State.SNOOZED,
        Move.TRY_CONTACT: State.SNOOZED,
        Move.NOTE: State.SNOOZED,
        Move.MARK: State.SNOOZED,
        Move.SNOOZE: State.SNOOZED,
        Move.RESOLVE: State.RESOLVED,
        Move.JOIN: State.SNOOZED,
        Move.REOPEN: State.REOPENED,
        Move.WAKE: State.REOPENED,
        Move.WITHDRAW: State.SNOOZED,
    },
    State.RESOLVED: {
        Move.NOTE: State.RESOLVED,
        Move.MARK: State.RESOLVED,
        Move.WITHDRAW: State.RESOLVED,
        Move.UNDO: State.REOPENED,
    },
}
MOVES: Mapping[tuple[State, Move], State] = MappingProxyType(
    {(state, event): after for state, row in _TABLE.items() for event, after in row.items()}
)

# Who phones a patient, snoozes or closes her alert has seen it: the acknowledgement is put on record first.
_IMPLIES_SEEN = frozenset({Move.CONTACT, Move.TRY_CONTACT, Move.SNOOZE, Move.RESOLVE})


def move(state: State | str, event: Move | str) -> State:
    """The state after `event`. Raises IllegalMove when the table has no such move, ValueError for an unknown word."""
    state, event = State(state), Move(event)
    if (state, event) not in MOVES:
        raise IllegalMove(state, event)
    return MOVES[state, event]


def steps(state: State | str, event: Move | str) -> tuple[Move, ...]:
    """The moves that a person's act stands for: a contact, a snooze or an outcome on a waiting alert acknowledges it first."""
    state, event = State(state), Move(event)
    return (Move.ACKNOWLEDGE, event) if state in WAITING and event in _IMPLIES_SEEN else (event,)


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
