"""Who is on call at a clinic: its weekly shifts and the changes to them, with the people as they are now.

Whoever has left, or may not sign in any more, is on no plan: her shift is a gap, and her changes do not count. A clinic without
any weekly shift has on call, day and night, the members who are marked so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from alerts.engine.on_call import Override, Rota, Shift, Stretch, instant, on_call_at, stretches
from alerts.models import OnCallOverride, OnCallShift
from clinic.models import Clinic, Membership

AHEAD = timedelta(days=14)
SEEN = AHEAD + timedelta(days=8)  # so far, that the end of what begins within two weeks is known
SOON = timedelta(hours=24)
ROUND_THE_CLOCK = (0, time(0), 0, time(0))


@dataclass(frozen=True)
class Turn:
    """The same people (by name) from one instant (UTC) to another; nobody is a gap. `change` is what put her there for once."""

    starts_at: datetime
    ends_at: datetime
    people: tuple[Membership, ...]
    change: OnCallOverride | None

    @property
    def is_gap(self) -> bool:
        return not self.people


@dataclass(frozen=True)
class Roster:
    """A clinic's plan as it stands in the database. `members` are those who count, by primary key."""

    clinic: Clinic
    rota: Rota
    members: dict[int, Membership]
    shifts: tuple[OnCallShift, ...]
    changes: dict[int, OnCallOverride]

    def turns(self, since: datetime, until: datetime) -> list[Turn]:
        """The window, cut at every hand-over; no gap between turns, gaps are turns of nobody."""
        return [self._turn(one) for one in stretches(self.rota, since, until)]

    def _turn(self, one: Stretch) -> Turn:
        change = None if one.override is None else self.changes[one.override]
        return Turn(one.starts_at, one.ends_at, self.named(one.people), change)

    def named(self, people: Iterable[int]) -> tuple[Membership, ...]:
        return tuple(sorted((self.members[who] for who in people), key=lambda one: (one.user.name, one.pk)))


@dataclass(frozen=True)
class Plan:
    """Who is on call at the instant `at`, and after. `turns` are those of the next two weeks; the first began at or before `at`."""

    roster: Roster
    at: datetime
    turns: tuple[Turn, ...]

    @property
    def now(self) -> tuple[Membership, ...]:
        return self.turns[0].people

    @property
    def until(self) -> datetime | None:
        """When other people come, or nobody; None when nothing changes in the next two weeks."""
        return None if self._then is None else self._then.starts_at

    next_from = until

    @property
    def next(self) -> tuple[Membership, ...]:
        """Who comes then; empty for nobody."""
        return () if self._then is None else self._then.people

    @property
    def gaps(self) -> tuple[Turn, ...]:
        """When nobody is on call, now or in the next two weeks."""
        return tuple(turn for turn in self.turns if turn.is_gap)

    @property
    def gaps_soon(self) -> tuple[Turn, ...]:
        """Those that run now or begin within 24 hours: somebody must be told."""
        return tuple(gap for gap in self.gaps if gap.starts_at <= self.at + SOON)

    @property
    def left(self) -> tuple[Membership, ...]:
        """Who is planned from now on but has left, or may not sign in: these turns count for nobody."""
        return tuple(one for one in self._planned if not counts(one))

    @property
    def blind(self) -> tuple[Membership, ...]:
        """Who is planned and told, but is no nurse (any more) and cannot open the worklist."""
        return tuple(one for one in self._planned if counts(one) and not one.is_nurse)

    @property
    def _planned(self) -> list[Membership]:
        to_come = [one for one in self.roster.changes.values() if one.ends_at > self.at]
        marked = self.roster.members.values() if not self.roster.shifts else ()
        people = [*(one.membership for one in self.roster.shifts), *(one.membership for one in to_come), *marked]
        return sorted({one.pk: one for one in people}.values(), key=lambda one: (one.user.name, one.pk))

    def sees_end_of(self, turn: Turn) -> bool:
        return turn.ends_at < self.at + SEEN

    @property
    def _then(self) -> Turn | None:
        return next((turn for turn in self.turns if turn.people != self.now), None)


def on_call_now(clinic: Clinic, *, now: datetime) -> list[Membership]:
    """Everybody who is on call, by name; nobody in a gap. Two queries; three for a clinic without shifts."""
    roster = roster_of(clinic, since=now)
    return list(roster.named(on_call_at(roster.rota, now)))


def plan_of(clinic: Clinic, *, now: datetime) -> Plan:
    """Who is on call now and next, and the gaps ahead. Two queries; three for a clinic without shifts."""
    since = _week_before(clinic, now)
    roster = roster_of(clinic, since=since)
    turns = roster.turns(since, now + SEEN)
    return Plan(roster, now, tuple(turn for turn in turns if turn.ends_at > now and turn.starts_at < now + AHEAD))


def roster_of(clinic: Clinic, *, since: datetime) -> Roster:
    """The plan for any window that begins at or after `since`."""
    shifts = tuple(clinic.on_call_shifts.select_related('membership__user'))
    standing = clinic.on_call_overrides.filter(withdrawn_at=None, ends_at__gt=since)
    changes = {one.pk: one for one in standing.select_related('membership__user', 'made_by')}
    marked = () if shifts else _marked(clinic)
    people = [*(one.membership for one in shifts), *(one.membership for one in changes.values()), *marked]
    members = {one.pk: one for one in people if counts(one)}
    held = [shift_of(one) for one in shifts if one.membership_id in members]
    always = [Shift(one.pk, *ROUND_THE_CLOCK) for one in marked]
    overrides = [_override(one) for one in changes.values() if one.membership_id in members]
    return Roster(clinic, Rota(clinic.zone, held + always, overrides), members, shifts, changes)


def counts(member: Membership) -> bool:
    """Whether she can be on call at all."""
    return member.active and member.user.is_active


def _marked(clinic: Clinic) -> tuple[Membership, ...]:
    return tuple(clinic.memberships.filter(on_call=True, active=True, user__is_active=True).select_related('user'))


def shift_of(row: OnCallShift) -> Shift:
    return Shift(row.membership_id, row.starts_weekday, row.starts, row.ends_weekday, row.ends)


def _override(row: OnCallOverride) -> Override:
    return Override(row.membership_id, row.starts_at, row.ends_at, row.pk)


def _week_before(clinic: Clinic, now: datetime) -> datetime:
    """The Monday of last week: a gap that runs keeps its beginning, and one that never ends is told of again every week."""
    today = now.astimezone(clinic.zone).date()
    return instant(today - timedelta(days=today.weekday() + 7), time(0), clinic.zone).astimezone(UTC)
