"""The table of legal moves, tried with every state and every move; and by when an alert must be seen."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.engine.hours import Hours
from alerts.engine.lifecycle import MOVES, IllegalMove, Move, State, acknowledge_by, move, steps
from alerts.engine.tiers import Tier

NEW, BACK, A, C, Z, R = State.OPEN, State.REOPENED, State.ACKNOWLEDGED, State.CONTACTED, State.SNOOZED, State.RESOLVED
STATES = (NEW, BACK, A, C, Z, R)
# One row a move, one column a state; None is illegal. Written out again by hand: the table is not its own witness.
EXPECTED = {
    Move.ACKNOWLEDGE: (A, A, None, None, None, None),
    Move.TAKE_OVER: (None, None, A, C, None, None),
    Move.CONTACT: (None, None, C, C, Z, None),
    Move.TRY_CONTACT: (None, None, A, C, Z, None),
    Move.NOTE: (NEW, BACK, A, C, Z, R),
    Move.MARK: (NEW, BACK, A, C, Z, R),
    Move.SNOOZE: (None, None, Z, Z, Z, None),
    Move.RESOLVE: (None, None, R, R, R, None),
    Move.UNDO: (None, None, None, None, None, BACK),
    Move.JOIN: (NEW, BACK, A, C, Z, None),
    Move.RAISE: (NEW, BACK, BACK, BACK, None, None),
    Move.REOPEN: (None, None, BACK, BACK, BACK, None),
    Move.WITHDRAW: (NEW, BACK, A, C, Z, R),
    Move.ESCALATE: (NEW, BACK, None, None, None, None),
    Move.RETURN: (None, None, BACK, BACK, None, None),
    Move.WAKE: (None, None, None, None, BACK, None),
}
NEW_YORK = ZoneInfo('America/New_York')
WEEK = [Hours(day, time(8), time(18)) for day in range(5)]


@pytest.mark.parametrize('event', Move)
@pytest.mark.parametrize('column', range(6))
def test_every_move_from_every_state_is_as_the_table_says(event: Move, column: int) -> None:
    state, expected = STATES[column], EXPECTED[event][column]
    if expected is not None:
        assert move(state, event) is expected
        return
    with pytest.raises(IllegalMove, match=f'{state} cannot {event}'):
        move(state, event)


def test_only_a_person_who_takes_it_back_leads_out_of_resolved() -> None:
    assert {event for (before, event), after in MOVES.items() if before is R and after is not R} == {Move.UNDO}


def test_every_move_is_in_the_table_somewhere() -> None:
    assert {event for _, event in MOVES} == set(Move) == set(EXPECTED)


def test_an_unknown_word_raises() -> None:
    with pytest.raises(ValueError, match='snore'):
        move('open', 'snore')
    with pytest.raises(ValueError, match='asleep'):
        move('asleep', 'note')


@pytest.mark.parametrize('event', [Move.CONTACT, Move.TRY_CONTACT, Move.SNOOZE, Move.RESOLVE])
def test_who_phones_snoozes_or_closes_an_open_alert_has_seen_it(event: Move) -> None:
    assert steps('open', event) == (Move.ACKNOWLEDGE, event)
    assert steps('reopened', event) == (Move.ACKNOWLEDGE, event)
    assert steps('acknowledged', event) == (event,)


def test_a_note_alone_is_no_acknowledgement() -> None:
    assert steps('open', 'note') == (Move.NOTE,)


@given(st.lists(st.sampled_from(sorted(Move))))
def test_an_alert_is_resolved_only_by_a_person_who_resolves_it(events: list[Move]) -> None:
    state = NEW
    for event in events:
        if (state, event) in MOVES:
            after = move(state, event)
            assert after is not R or state is R or event is Move.RESOLVE
            state = after


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def test_urgent_runs_through_the_night() -> None:
    assert acknowledge_by(Tier.URGENT, at('2026-11-20T23:30'), 60, WEEK, NEW_YORK) == at('2026-11-21T00:30')
    assert acknowledge_by(Tier.EMERGENCY, at('2026-11-21T12:00'), 5, WEEK, NEW_YORK) == at('2026-11-21T12:05')


@pytest.mark.parametrize(
    ('opened', 'due'),
    [
        ('2026-11-16T09:00', '2026-11-16T13:00'),  # Monday, all within hours
        ('2026-11-16T16:00', '2026-11-17T10:00'),  # two hours today, two tomorrow
        ('2026-11-16T06:00', '2026-11-16T12:00'),  # before the clinic opens
        ('2026-11-20T17:00', '2026-11-23T11:00'),  # Friday into Monday
        ('2026-11-21T12:00', '2026-11-23T12:00'),  # Saturday
        ('2026-11-16T14:00', '2026-11-16T18:00'),  # just before the door closes
    ],
)
def test_same_day_counts_clinic_hours_only(opened: str, due: str) -> None:
    assert acknowledge_by(Tier.SAME_DAY, at(opened), 240, WEEK, NEW_YORK) == at(due)


@pytest.mark.parametrize(
    ('opened', 'due'),
    [
        ('2026-03-08T01:30', '2026-03-08T03:30'),  # an hour is missing
        ('2026-11-01T00:30', '2026-11-01T01:30'),  # an hour comes twice; the second is meant
    ],
)
def test_an_hour_is_an_hour_on_daylight_saving_days(opened: str, due: str) -> None:
    found = acknowledge_by(Tier.URGENT, at(opened), 60 if '03-08' in opened else 120, WEEK, NEW_YORK)
    assert found == at(due).replace(fold=1).astimezone(UTC)


def test_same_day_counts_the_real_length_of_a_daylight_saving_night() -> None:
    nights = [Hours(6, time(0), time(6))]  # Sunday
    spring = acknowledge_by(Tier.SAME_DAY, at('2026-03-08T00:00'), 240, nights, NEW_YORK)
    autumn = acknowledge_by(Tier.SAME_DAY, at('2026-11-01T00:00'), 240, nights, NEW_YORK)
    assert spring == at('2026-03-08T05:00')
    assert autumn == at('2026-11-01T03:00')


def test_a_clinic_without_hours_is_promised_the_wall_clock() -> None:
    assert acknowledge_by(Tier.SAME_DAY, at('2026-11-21T12:00'), 240, [], NEW_YORK) == at('2026-11-21T16:00')


@given(
    st.integers(0, 365 * 24 * 60).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)),
    st.integers(1, 3000),
    st.integers(1, 600),
)
def test_a_longer_promise_is_never_due_sooner(opened: datetime, minutes: int, more: int) -> None:
    sooner = acknowledge_by(Tier.SAME_DAY, opened, minutes, WEEK, NEW_YORK)
    later = acknowledge_by(Tier.SAME_DAY, opened, minutes + more, WEEK, NEW_YORK)
    assert opened + timedelta(minutes=minutes) <= sooner < later
