"""The receipt of one entry: saved, checked, seen by your team, answered. It says only what the rows say, and fails closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from alerts.models import Alert, AlertEvent, AlertEventKind, AlertState, Evaluation, Flag, NotificationStatus, Outcome
from alerts.people.watch import readable, watch_of
from alerts.queries.cases import alerts_of, current_evaluation
from alerts.words.back import CAME_BACK
from alerts.words.times import deadline_words, last_day_words, moment_words
from clinic.models import Clinic
from diary.models import Entry, Revision

DONE, WAITING, LATE = 'done', 'waiting', 'late'
CHECK_TAKES = timedelta(minutes=2)  # an entry that waits longer for its check is told so


@dataclass(frozen=True)
class Step:
    """One line of components/receipt.html; `state` is done, waiting or late."""

    state: str
    title: str
    when: str = ''


@dataclass(frozen=True)
class Receipt:
    """`settled` says that nothing more will come, so that the page may stop asking; `answered` that a person has ended it."""

    steps: tuple[Step, ...]
    settled: bool
    is_checked: bool = True
    answered: bool = False

    @property
    def ask_again(self) -> int:
        """Seconds until the page looks again: soon while the check is awaited, calmly while people are."""
        return 10 if self.is_checked else 2


@dataclass(frozen=True)
class _Clock:
    """Now, and the zone in which times are told."""

    now: datetime
    zone: ZoneInfo

    def told(self, at: datetime) -> str:
        return moment_words(at, now=self.now, zone=self.zone)

    def by(self, at: datetime) -> str:
        return deadline_words(at, now=self.now, zone=self.zone)


def receipt_of(entry: Entry, *, now: datetime, promised: datetime | None = None) -> Receipt:
    """`promised` is by when the team looks, as the advice knows it before the check has come. At most seven queries."""
    clock = _Clock(now, entry.patient.zone)
    evaluation = current_evaluation(entry)
    revision = evaluation.revision if evaluation else entry.revisions.get(number=entry.current_number)
    saved = Step(DONE, _('Saved'), clock.told(revision.received_at))
    if evaluation is None or evaluation.first_evaluated_at is None:
        check = _unchecked(entry, revision, clock)
        # A check that does not come opens no alert: then nothing is promised.
        promise = (Step(WAITING, _will_see(promised, clock)),) if promised and check.state == WAITING else ()
        return Receipt((saved, check, *promise), settled=False, is_checked=False)
    checked = Step(DONE, _('Checked'), clock.told(evaluation.first_evaluated_at))
    flags = list(evaluation.flags.filter(alert__isnull=False).select_related('alert'))
    if not flags:
        return Receipt((saved, checked), settled=True)
    return _with_alert((saved, checked), flags, entry, evaluation, clock)


def _unchecked(entry: Entry, revision: Revision, clock: _Clock) -> Step:
    if clock.now - revision.received_at < CHECK_TAKES:
        return Step(WAITING, _('Being checked'))
    number = {'number': _number(entry.patient.clinic, clock)}
    return Step(LATE, _('Not checked yet'), _('Do not wait for it: phone %(number)s.') % number)


def _with_alert(
    before: tuple[Step, ...], flags: list[Flag], entry: Entry, evaluation: Evaluation, clock: _Clock
) -> Receipt:
    alert = alerts_of(flags)[0]
    joined = min(flag.raised_at for flag in flags if flag.alert_id == alert.pk)
    if alert.state == AlertState.SNOOZED:
        return Receipt((*before, *_expected(alert, joined, clock)), settled=False)
    past = _Past.of(alert, entry, joined)
    steps = (*before, *_seen(past, clock), *_answered(past, clock))
    done = alert.resolved_at is not None
    return Receipt(steps, settled=done, answered=done)


@dataclass(frozen=True)
class _Past:
    """What happened to an entry's case since the entry came to it.

    `by` is when a person was to look at this entry; `back` is what brought the case back to the list after
    somebody had seen it, while it waits there.
    """

    alert: Alert
    clinic: Clinic
    by: datetime
    events: tuple[AlertEvent, ...]
    seen: datetime | None
    back: AlertEvent | None

    @classmethod
    def of(cls, alert: Alert, entry: Entry, joined: datetime) -> '_Past':
        """One query."""
        sent = Min('notifications__sent_at', filter=Q(notifications__status=NotificationStatus.SENT))
        events = tuple(alert.events.filter(at__gte=joined).annotate(told_at=sent))
        came = [e for e in events if e.detail.get('entry') == str(entry.public_id)]
        by = came[-1].detail.get('by') if came else None  # alerts of earlier versions did not note it
        own = datetime.fromisoformat(by) if by else alert.acknowledge_by
        acknowledged = (e.at for e in events if e.kind == AlertEventKind.ACKNOWLEDGED)
        seen = next(acknowledged, alert.resolved_at if alert.resolved_at and alert.resolved_at >= joined else None)
        back = [e for e in events if e.kind in CAME_BACK and e not in came] if alert.is_waiting else []
        return cls(alert, entry.patient.clinic, own, events, seen, back[-1] if back else None)


def _expected(alert: Alert, joined: datetime, clock: _Clock) -> tuple[Step, ...]:
    """The team knows of it, and expects it: nobody looks again before the snooze ends. What they told her before still counts."""
    until = alert.snoozed_until
    assert until is not None  # a constraint of the database
    day = {'day': last_day_words(until, now=clock.now, zone=alert.clinic.zone)}
    knows = Step(DONE, _('Your team knows about this'), _('They expect it until %(day)s.') % day)
    again = Step(WAITING, _('They look at it again after that, or sooner if you tell us that it is worse'))
    seen, spoke = alert.acknowledged_at, alert.contacted_at
    done = [Step(DONE, _('Seen by your team'), clock.told(seen))] if seen and seen >= joined else []
    done += [Step(DONE, _('Your team spoke with you'), clock.told(spoke))] if spoke else []
    return *done, knows, again


def _seen(past: _Past, clock: _Clock) -> tuple[Step, ...]:
    alert = past.alert
    if past.seen is not None:
        return (Step(DONE, _('Seen by your team'), clock.told(past.seen)),)
    if not alert.is_waiting:
        return (Step(WAITING, _('With your team'), _('It joined what they already look after.')),)
    if past.back is not None:
        return ()  # it joined what somebody had in hand, and came back to the list with it
    if clock.now > past.by:
        words = {'when': clock.by(past.by), 'number': _number(past.clinic, clock)}
        late = _('Your team wanted to look by %(when)s. Phone %(number)s.') % words
        return (*_told_more(past, clock), Step(LATE, _('Not seen yet'), late))
    return (*_told_more(past, clock), Step(WAITING, _will_see(past.by, clock)))


def _told_more(past: _Past, clock: _Clock) -> tuple[Step, ...]:
    """Nobody took it (since it came back), and a message to the next people of the ladder did go out."""
    since = past.events if past.back is None else past.events[past.events.index(past.back) :]
    told = [(e.told_at, e) for e in since if e.kind == AlertEventKind.ESCALATED and e.told_at]  # type: ignore[attr-defined]
    if not told:
        return ()
    at, last = told[-1]
    words = _('We told your team again') if last.detail.get('round') else _('We have told more people')
    return (Step(DONE, words, clock.told(at)),)


def _again(past: _Past, clock: _Clock) -> tuple[Step, ...]:
    """It came back to the list: why, and by when they look."""
    if past.back is None:
        return ()
    why = {
        AlertEventKind.RETURNED: _('Nobody has answered yet, so it is back on their list.'),
        AlertEventKind.UNDONE: _('They opened it again %(when)s.') % {'when': clock.told(past.back.at)},
        AlertEventKind.WOKEN: _('It is time to look again.'),
    }.get(AlertEventKind(past.back.kind), _('Something new came since then.'))
    if clock.now > past.alert.acknowledge_by:
        words = {'when': clock.by(past.alert.acknowledge_by), 'number': _number(past.clinic, clock)}
        late = _('Your team wanted to look again by %(when)s. Phone %(number)s.') % words
        return (*_told_more(past, clock), Step(LATE, _('Not seen again yet'), late))
    by = {'when': clock.by(past.alert.acknowledge_by)}
    return (*_told_more(past, clock), Step(WAITING, _('Your team aims to look again by %(when)s') % by, why))


def _number(clinic: Clinic, clock: _Clock) -> str:
    """The number that is answered now. One query."""
    watch = watch_of(clinic, now=clock.now)
    return readable(watch.clinic.phone_day if watch.is_open else watch.clinic.phone_night)


def _will_see(by: datetime, clock: _Clock) -> str:
    return _('Your team aims to look by %(when)s') % {'when': clock.by(by)}


def _answered(past: _Past, clock: _Clock) -> tuple[Step, ...]:
    alert = past.alert
    if alert.resolved_at and past.seen:
        return (Step(DONE, outcome_words()[alert.outcome], clock.told(alert.resolved_at)),)
    calls = [e for e in past.events if e.kind == AlertEventKind.CONTACTED]
    spoke = next((e.at for e in reversed(calls) if e.detail.get('reached')), None)
    if spoke is not None:
        return (Step(DONE, _('Your team spoke with you'), clock.told(spoke)), *_again(past, clock), *_call(past, clock))
    when = _('They tried to reach you %(when)s.') % {'when': clock.told(calls[-1].at)} if calls else ''
    return (*_again(past, clock), Step(WAITING, _('Answer from your team'), when), *_call(past, clock))


def _call(past: _Past, clock: _Clock) -> tuple[Step, ...]:
    """What a nurse planned to do, for as long as it is still to come."""
    at = past.alert.call_back_at
    if at is None or at <= clock.now:
        return ()
    return (Step(WAITING, _('They plan to speak with you again %(when)s') % {'when': clock.told(at)}),)


def outcome_words() -> dict[str, str]:
    """How a case ended, said to its patient."""
    return {
        Outcome.SELF_CARE: _('Answered: advice for looking after yourself'),
        Outcome.APPOINTMENT: _('Answered: an appointment'),
        Outcome.SENT_TO_EMERGENCY: _('Answered: you were sent to emergency care'),
        Outcome.ADMITTED: _('Answered: you were admitted to hospital'),
        Outcome.TREATMENT_HELD: _('Answered: your treatment is paused'),
        Outcome.NO_ACTION: _('Answered: nothing needs to be done'),
        Outcome.NOT_REACHED: _('Your team could not reach you. Please phone them'),
    }
