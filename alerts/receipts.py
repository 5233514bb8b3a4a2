"""The receipt of one entry: saved, checked, seen by your team, answered. It says only what the rows say, and fails closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from alerts.models import Alert, AlertEventKind, AlertState, Evaluation, Flag, Outcome
from alerts.queries import alerts_of, current_evaluation
from alerts.watch import readable, watch_of
from alerts.wording import deadline_words, last_day_words, moment_words
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
    """`promised` is by when the team looks, as the advice knows it before the check has come. At most six queries."""
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
    watch = watch_of(entry.patient.clinic, now=clock.now)
    number = watch.clinic.phone_day if watch.is_open else watch.clinic.phone_night
    return Step(LATE, _('Not checked yet'), _('Do not wait for it: phone %(number)s.') % {'number': readable(number)})


def _with_alert(
    before: tuple[Step, ...], flags: list[Flag], entry: Entry, evaluation: Evaluation, clock: _Clock
) -> Receipt:
    alert = alerts_of(flags)[0]
    joined = min(flag.raised_at for flag in flags if flag.alert_id == alert.pk)
    if alert.state == AlertState.SNOOZED:
        return Receipt((*before, *_expected(alert, joined, clock)), settled=False)
    seen, answered = _seen(alert, joined, entry, clock), _answered(alert, joined, clock)
    done = alert.resolved_at is not None
    return Receipt((*before, seen, answered), settled=done, answered=done)


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


def _seen(alert: Alert, joined: datetime, entry: Entry, clock: _Clock) -> Step:
    at = next((at for at in (alert.acknowledged_at, alert.resolved_at) if at and at >= joined), None)
    if at is not None:
        return Step(DONE, _('Seen by your team'), clock.told(at))
    if alert.owner_id is not None and alert.acknowledged_at and not alert.is_waiting:
        return Step(WAITING, _('With your team'), _('It joined what they already look after.'))
    if clock.now > alert.acknowledge_by:
        watch = watch_of(entry.patient.clinic, now=clock.now)
        number = readable(watch.clinic.phone_day if watch.is_open else watch.clinic.phone_night)
        words = {'when': clock.by(alert.acknowledge_by), 'number': number}
        return Step(LATE, _('Not seen yet'), _('Your team wanted to look by %(when)s. Phone %(number)s.') % words)
    return Step(WAITING, _will_see(alert.acknowledge_by, clock))


def _will_see(by: datetime, clock: _Clock) -> str:
    return _('Your team aims to look by %(when)s') % {'when': clock.by(by)}


def _answered(alert: Alert, joined: datetime, clock: _Clock) -> Step:
    if alert.resolved_at and alert.resolved_at >= joined:
        return Step(DONE, _outcomes()[alert.outcome], clock.told(alert.resolved_at))
    if alert.contacted_at and alert.contacted_at >= joined:
        return Step(DONE, _('Your team spoke with you'), clock.told(alert.contacted_at))
    tried = alert.events.filter(kind=AlertEventKind.CONTACTED, at__gte=joined).last()
    when = _('They tried to reach you %(when)s.') % {'when': clock.told(tried.at)} if tried else ''
    return Step(WAITING, _('Answer from your team'), when)


def _outcomes() -> dict[str, str]:
    return {
        Outcome.SELF_CARE: _('Answered: advice for looking after yourself'),
        Outcome.APPOINTMENT: _('Answered: an appointment'),
        Outcome.SENT_TO_EMERGENCY: _('Answered: you were sent to emergency care'),
        Outcome.ADMITTED: _('Answered: you were admitted to hospital'),
        Outcome.TREATMENT_HELD: _('Answered: your treatment is paused'),
        Outcome.NO_ACTION: _('Answered: nothing needs to be done'),
        Outcome.NOT_REACHED: _('Your team could not reach you. Please phone them'),
    }
