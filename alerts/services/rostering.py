"""Making the on-call plan: weekly shifts, changes for once, and telling the lead where nobody is on call."""

import logging
from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from alerts.engine.on_call import Shift, overlap
from alerts.models import OnCallOverride, OnCallShift
from alerts.people.roster import Turn, counts, plan_of, roster_of
from alerts.services.notifying import tell
from alerts.words.on_call import names, span
from clinic.faultpoints import point
from clinic.models import Clinic, Membership, User

LONGEST = timedelta(days=31)
FURTHEST = timedelta(days=366)


log = logging.getLogger(__name__)


class GapsNotTold(Exception):
    """The plans of some clinics could not be read; the others' leads were told. The kinds of error are in the log."""


class PlanRefused(ValueError):
    """What cannot be planned; `field` is the place in the form, `reason` says what to do instead."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@transaction.atomic
def add_shifts(
    *, clinic: Clinic, membership: Membership, weekdays: Collection[int], starts: time, ends: time, days: int
) -> list[OnCallShift]:
    """One weekly shift for each weekday (Monday is 0) on which it starts; it ends `days` days later, at most a week.

    Raises PlanRefused when it would be no stretch of time, or she has a shift then already.
    """
    _lock(clinic)
    _check_person(clinic, membership)
    if days == 0 and ends <= starts:
        raise PlanRefused(_('This ends before it begins. Choose a later time, or the next day.'), 'ends')
    if days == 7 and ends > starts:
        raise PlanRefused(_('A shift is a week long at most. Choose an earlier time, or an earlier day.'), 'ends')
    return [_add_shift(clinic, membership, day, starts, (day + days) % 7, ends) for day in sorted(weekdays)]


def _add_shift(clinic: Clinic, who: Membership, day: int, starts: time, ends_day: int, ends: time) -> OnCallShift:
    new = Shift(who.pk, day, starts, ends_day, ends)
    for row in clinic.on_call_shifts.filter(membership=who):
        if overlap(new, Shift(who.pk, row.starts_weekday, row.starts, row.ends_weekday, row.ends)):
            words = _('%(who)s has a shift then already: %(shift)s. Remove that one first, or choose another time.')
            raise PlanRefused(words % {'who': who.user.name, 'shift': row}, 'starts')
    return OnCallShift.objects.create(
        clinic=clinic, membership=who, starts_weekday=day, starts=starts, ends_weekday=ends_day, ends=ends
    )


def remove_shift(*, shift: OnCallShift) -> None:
    shift.delete()


@transaction.atomic
def put_on_call(
    *,
    clinic: Clinic,
    membership: Membership,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: User,
    now: datetime,
) -> OnCallOverride:
    """For this once she alone is on call, whoever the week names. What has begun counts from now. Raises PlanRefused."""
    _lock(clinic)
    _check_person(clinic, membership)
    starts_at = _check_time(clinic, starts_at, ends_at, now=now)
    turns = roster_of(clinic, since=now).turns(starts_at, ends_at)
    if all(turn.people == (membership,) for turn in turns):
        raise PlanRefused(_('%(who)s is on call then anyway.') % {'who': membership.user.name}, 'who')
    return _change(clinic, membership, starts_at, ends_at, reason, by=by, now=now)


@transaction.atomic
def hand_over(
    *, by: Membership, to: Membership, starts_at: datetime, ends_at: datetime, reason: str, now: datetime
) -> OnCallOverride:
    """She gives a coming stretch of her own to a colleague. Raises PlanRefused where it is not hers alone."""
    clinic = by.clinic
    _lock(clinic)
    _check_person(clinic, to)
    if to == by:
        raise PlanRefused(_('Choose the colleague who takes it.'), 'who')
    starts_at = _check_time(clinic, starts_at, ends_at, now=now)
    for turn in roster_of(clinic, since=now).turns(starts_at, ends_at):
        _check_hers(clinic, turn, by)
    return _change(clinic, to, starts_at, ends_at, reason, by=by.user, now=now)


@transaction.atomic
def take_gap(*, by: Membership, starts_at: datetime, ends_at: datetime, now: datetime) -> OnCallOverride:
    """She goes on call where nobody is. Raises PlanRefused when somebody was faster."""
    clinic = by.clinic
    _lock(clinic)
    _check_person(clinic, by)
    starts_at = _check_time(clinic, starts_at, ends_at, now=now)
    for turn in roster_of(clinic, since=now).turns(starts_at, ends_at):
        if not turn.is_gap:
            words = {'who': names(turn.people), 'when': span(turn.starts_at, turn.ends_at, clinic.zone)}
            raise PlanRefused(_('This is no gap any more: %(who)s, %(when)s.') % words)
    return _change(clinic, by, starts_at, ends_at, '', by=by.user, now=now)


def withdraw(*, change: OnCallOverride, by: User, now: datetime) -> None:
    """From now on the week counts again. A second time changes nothing; raises PlanRefused for what is over."""
    if change.ends_at <= now:
        raise PlanRefused(_('This is over, so there is nothing to withdraw.'))
    standing = OnCallOverride.objects.filter(pk=change.pk, withdrawn_at=None)
    standing.update(withdrawn_at=now, withdrawn_by=by)


def tell_of_gaps(*, now: datetime) -> int:
    """Tell the lead of each clinic of every gap that runs or begins within 24 hours, once; how many are told or have been.

    Raises GapsNotTold after the last clinic.
    """
    told, failed = 0, 0
    for clinic in Clinic.objects.order_by('pk'):
        try:
            told += _tell_clinic(clinic, now=now)
        except Exception as error:  # noqa: BLE001  (one clinic's trouble must not keep the others' leads from hearing)
            failed += 1
            log.error('the gaps of clinic %s were not told: %s', clinic.pk, type(error).__name__)
    if failed:
        raise GapsNotTold(f'{failed} clinics')
    return told


def _tell_clinic(clinic: Clinic, *, now: datetime) -> int:
    gaps = plan_of(clinic, now=now).gaps_soon
    return sum(_tell_gap(clinic, gap, now=now) for gap in gaps)


def _tell_gap(clinic: Clinic, gap: Turn, *, now: datetime) -> int:
    """Its beginning names a gap, so that the next sweep finds it told."""
    point('roster.gap')
    with transaction.atomic():
        told = tell(
            key=f'gap:{clinic.pk}:{gap.starts_at.isoformat()}',
            people=[member.user for member in leads_of(clinic)],
            path=reverse('alerts:on_call'),
            now=now,
        )
        point('roster.told')
    return told


def leads_of(clinic: Clinic) -> list[Membership]:
    """Who answers for the plan: the lead; the admins where nobody is lead."""
    active = clinic.memberships.filter(active=True, user__is_active=True).select_related('user').order_by('pk')
    return list(active.filter(is_lead=True)) or list(active.filter(is_admin=True))


def _lock(clinic: Clinic) -> None:
    """Two people change a plan one after the other. Nobody else waits: rows may still point at the clinic."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def _check_person(clinic: Clinic, member: Membership) -> None:
    if member.clinic_id != clinic.pk:
        raise LookupError('a member of another clinic')
    if not counts(member) or not member.is_nurse:
        raise PlanRefused(_('%(who)s is not a nurse of the clinic any more.') % {'who': member.user.name}, 'who')


def _check_time(clinic: Clinic, starts_at: datetime, ends_at: datetime, *, now: datetime) -> datetime:
    """When it begins to count."""
    if ends_at <= starts_at:
        raise PlanRefused(_('This ends before it begins. Choose a later day or time.'), 'ends')
    if ends_at <= now:
        raise PlanRefused(_('This is over already. Choose a day and time to come.'), 'ends')
    if ends_at - starts_at > LONGEST:
        raise PlanRefused(_('A change is for 31 days at most. For longer, change the weekly shifts.'), 'ends')
    if starts_at - now > FURTHEST:
        raise PlanRefused(_('This is more than a year ahead. Look at the year again.'), 'starts')
    return max(starts_at, now)


def _check_hers(clinic: Clinic, turn: Turn, by: Membership) -> None:
    when = span(turn.starts_at, turn.ends_at, clinic.zone)
    if by not in turn.people:
        raise PlanRefused(_('You are not on call %(when)s, so you cannot hand it over.') % {'when': when}, 'starts')
    others = names(one for one in turn.people if one != by)
    if len(turn.people) > 1:
        words = _('%(who)s is on call with you %(when)s and would be replaced, too. Ask the lead to change the plan.')
        raise PlanRefused(words % {'who': others, 'when': when}, 'starts')


def _change(
    clinic: Clinic, who: Membership, starts_at: datetime, ends_at: datetime, reason: str, *, by: User, now: datetime
) -> OnCallOverride:
    return OnCallOverride.objects.create(
        clinic=clinic, membership=who, starts_at=starts_at, ends_at=ends_at, reason=reason, made_by=by, made_at=now
    )
