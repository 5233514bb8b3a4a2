"""Everything about one alert that its page shows: why, the answers beside yesterday's and the usual, charts, treatment, history."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from alerts.expectations import Findings, findings
from alerts.models import Alert, AlertEvent, AlertEventKind, Flag, Mark, Outcome, SnoozeEnd, TierChoice
from alerts.queries.cases import WorkRow, flags_of, others_of, work_row
from alerts.queries.rules.set_aside import of_alerts
from alerts.words.answers import Told, quantity, staff_units, told
from alerts.words.climbing import called_words, happened_words, next_words
from alerts.words.reasons import Reason, of_flags
from alerts.words.set_aside import SetAside
from alerts.words.set_aside import of_flags as of_silent_flags
from clinic.dates import date_format
from clinic.models import User
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.charts import Chart, Point, severity_chart, yes_no_words
from diary.fields import SEVERITY
from diary.legible import UNREADABLE
from diary.models import Baseline, Context, Dose, Entry, Revision
from diary.queries import baselines_of, contexts_of, current_revisions, doses_of, planned_cycles, where_now
from diary.timeline import PlannedCycle

CHART_DAYS = timedelta(days=28)
MOST_CHARTS = 4
LAST_DOSES = 3
MOST_EARLIER = 5


@dataclass(frozen=True)
class Compared:
    """One row of the answers: now, in the entry before, and what is usual; `worse` and `leading` mark what matters."""

    name: str
    now: str
    before: str
    usual: str
    worse: bool
    leading: bool


@dataclass(frozen=True)
class Earlier:
    """Another entry of the case, and what fired in it."""

    entry: Entry
    words: str


@dataclass(frozen=True)
class Answers:
    """The newest entry that fired, beside the patient's latest entry of an earlier day; `also` are the case's other entries."""

    entry: Entry
    before: Entry | None
    rows: tuple[Compared, ...]
    also: tuple[Earlier, ...] = ()


@dataclass(frozen=True)
class Happened:
    """One event in words; `calls_again` is when the nurse said that she speaks with the patient again."""

    event: AlertEvent
    what: str

    @property
    def calls_again(self) -> datetime | None:
        call = self.event.detail.get('call_back_at') if self.event.kind == AlertEventKind.CONTACTED else None
        return datetime.fromisoformat(call) if call else None


@dataclass(frozen=True)
class Case:
    """`withdrawn` are flags that no longer hold; they stay, with the reason.

    `next` is what the clock does if nobody does anything.
    `is_softer` when something still holds, but nothing of the alert's own tier. `set_aside` are emergency rules that would have
    fired, had the clinic not set them aside.
    """

    row: WorkRow
    reasons: tuple[Reason, ...]
    withdrawn: tuple[Flag, ...]
    answers: Answers | None
    charts: tuple[Chart, ...]
    doses: tuple[Dose, ...]
    contexts: tuple[Context, ...]
    baselines: tuple[Baseline, ...]
    history: tuple[Happened, ...]
    rule_set: str
    others: tuple[Alert, ...]
    findings: Findings
    next: str = ''
    is_softer: bool = False
    set_aside: tuple[SetAside, ...] = ()


def case_of(alert: Alert, *, user: User, now: datetime) -> Case:
    """A constant number of queries, however long the diary is."""
    patient, catalogue = alert.patient, current_catalogue()
    flags = flags_of(alert)
    holding = [flag for flag in flags if flag.withdrawn_at is None]
    where = where_now(patient, now)
    revisions = list(current_revisions(patient, since=now - CHART_DAYS))
    baselines = _latest(baselines_of(patient))
    doses = list(doses_of(patient))
    leading = tuple(dict.fromkeys(code for flag in holding or flags for code in flag.symptoms))
    cycles = planned_cycles(where.course) if where.course else ()
    dose_days = [dose.given_at.astimezone(patient.zone).date() for dose in doses]
    return Case(
        row=work_row(alert, where, user=user, now=now),
        reasons=tuple(of_flags(holding, catalogue)),
        withdrawn=tuple(flag for flag in flags if flag.withdrawn_at is not None),
        answers=_answers(flags, revisions, _usual(baselines, catalogue, alert), leading, catalogue, alert),
        charts=tuple(
            _chart(revisions, catalogue, code, now.astimezone(patient.zone).date(), cycles=cycles, doses=dose_days)
            for code in leading[:MOST_CHARTS]
        ),
        doses=tuple(reversed(doses[-LAST_DOSES:])),
        contexts=tuple(c for c in contexts_of(patient) if c.until_at is None or c.until_at >= now - CHART_DAYS),
        baselines=baselines,
        history=tuple(Happened(event, in_words(event)) for event in alert.events.select_related('actor')),
        rule_set=str(flags[0].evaluation.rule_set) if flags else '',
        others=tuple(others_of(alert)),
        findings=findings(flags),
        next=next_words(alert, now=now),
        is_softer=bool(holding) and alert.tier not in {flag.tier for flag in holding},
        set_aside=tuple(of_silent_flags(of_alerts([alert]).get(alert.pk, ()))),
    )


def _latest(baselines: Iterable[Baseline]) -> tuple[Baseline, ...]:
    """The usual value of each kind that counts now."""
    return tuple({baseline.kind: baseline for baseline in baselines}.values())


# -- answers beside each other ---------------------------------------------------------------------------------------------


def _answers(
    flags: Sequence[Flag],
    revisions: Sequence[Revision],
    usual: Mapping[str, str],
    leading: Sequence[str],
    catalogue: CatalogueView,
    alert: Alert,
) -> Answers | None:
    if not flags:
        return None
    entry = flags[0].evaluation.revision.entry
    now = next((r for r in revisions if r.entry_id == entry.pk), flags[0].evaluation.revision)
    earlier = [r for r in revisions if r.entry.day < entry.day]
    before = earlier[-1] if earlier else None
    units = staff_units(alert.clinic)
    here = {one.code: one for one in told(now.document, catalogue, units)}
    there = {one.code: one for one in told(before.document, catalogue, units)} if before else {}
    codes = sorted({**here, **there}, key=lambda code: code not in leading)
    rows = tuple(
        _compared(code, here.get(code), there.get(code), usual.get(code, ''), code in leading) for code in codes
    )
    return Answers(entry, before.entry if before else None, rows, _also(flags, entry, catalogue, alert))


def _also(flags: Sequence[Flag], newest: Entry, catalogue: CatalogueView, alert: Alert) -> tuple[Earlier, ...]:
    """A temperature told an hour ago must not vanish because the newest entry does not repeat it."""
    found: dict[int, list[Flag]] = defaultdict(list)
    for flag in flags:
        if flag.withdrawn_at is None and flag.evaluation.revision.entry_id != newest.pk:
            found[flag.evaluation.revision.entry_id].append(flag)
    return tuple(_earlier(each, catalogue, alert) for each in list(found.values())[:MOST_EARLIER])


def _earlier(flags: Sequence[Flag], catalogue: CatalogueView, alert: Alert) -> Earlier:
    revision = flags[0].evaluation.revision
    codes = {code for flag in flags for code in flag.symptoms}
    answers = told(revision.document, catalogue, staff_units(alert.clinic))
    return Earlier(revision.entry, ' · '.join(one.brief for one in answers if one.code in codes))


def _compared(code: str, here: Told | None, there: Told | None, usual: str, leading: bool) -> Compared:
    one = here or there
    assert one is not None
    worse = here is not None and (here.level or 0) > (there.level or 0 if there else 0)
    return Compared(one.name, _said(here), _said(there), usual, worse, leading)


def _said(one: Told | None) -> str:
    return '' if one is None else one.said or _('yes')


def _usual(baselines: Sequence[Baseline], catalogue: CatalogueView, alert: Alert) -> dict[str, str]:
    """Usual values by the symptom or measurement that they are compared with."""
    units = staff_units(alert.clinic)
    found = {}
    for baseline in baselines:
        for code, spec in catalogue.symptoms.items():
            if baseline.kind in spec.fields:
                found[code] = quantity(spec.fields[baseline.kind], float(baseline.value), units)
        if baseline.kind in catalogue.measurements:
            found[baseline.kind] = quantity(catalogue.measurements[baseline.kind].field, float(baseline.value), units)
    return found


# -- charts ----------------------------------------------------------------------------------------------------------------


def _chart(
    revisions: Sequence[Revision],
    catalogue: CatalogueView,
    code: str,
    today: date,
    *,
    cycles: Sequence[PlannedCycle],
    doses: Iterable[date],
) -> Chart:
    spec = catalogue.symptom(code)
    levels: dict[date, int] = {}
    for revision in revisions:
        level = _level(spec, revision)
        if level is not None:
            levels[revision.entry.day] = max(levels.get(revision.entry.day, 0), level)
    return severity_chart(
        [Point(day, level) for day, level in levels.items()],
        chart_id=f'chart-{spec.version_id}',
        title=spec.name,
        first=today - CHART_DAYS,
        last=today,
        cycles=cycles,
        doses=doses,
        levels=None if spec.has_severity else yes_no_words(),
    )


def _level(spec: SymptomSpec, revision: Revision) -> int | None:
    """None where the symptom is reported without its severity: nothing is drawn that was not said."""
    try:
        values = revision.document.get('answers', {}).get(spec.code, {}).get('values', {})
        reported = spec.reported(values)
    except UNREADABLE:
        return None
    if not spec.has_severity:
        return int(reported)
    return values.get(SEVERITY, None if reported else 0)  # type: ignore[no-any-return]


# -- history ---------------------------------------------------------------------------------------------------------------


def in_words(event: AlertEvent) -> str:
    told = called_words(event)
    what = happened_words(event)
    return (
        f'{what or _what(event)}. {told}' if told and event.kind != AlertEventKind.ESCALATED else what or _what(event)
    )


def _what(event: AlertEvent) -> str:
    detail = event.detail
    if event.kind == AlertEventKind.CONTACTED:
        return (
            _('Spoke with the patient') if detail.get('reached') else _('Tried to reach the patient, nobody answered')
        )
    if event.kind == AlertEventKind.RESOLVED:
        return _('Resolved: %(outcome)s') % {'outcome': Outcome(detail['outcome']).label}
    if event.kind == AlertEventKind.WITHDRAWN:
        words = {'rules': ', '.join(detail.get('rules', [])), 'reason': detail.get('reason', '')}
        return _('No longer holds: %(rules)s (%(reason)s)') % words
    if event.kind == AlertEventKind.RAISED:
        words = {'tier': TierChoice(event.tier).label, 'rules': ', '.join(detail.get('rules', []))}
        return _('Raised to %(tier)s (%(rules)s)') % words
    if event.kind == AlertEventKind.MARKED:
        return _('Marked as %(mark)s') % {'mark': Mark(detail['mark']).label}
    if event.kind == AlertEventKind.SNOOZED:
        return _('Snoozed until the end of %(day)s') % {
            'day': date_format(date.fromisoformat(detail['until']), 'j M Y')
        }
    if detail.get('snooze'):
        return _('Back on the list, the snooze ended: %(why)s') % {'why': SnoozeEnd(detail['snooze']).label}
    if detail.get('taken_over_from'):
        return _('Took over from %(name)s') % {'name': detail['taken_over_from']}
    if detail.get('rules'):
        return f'{event.get_kind_display()} ({", ".join(detail["rules"])})'
    return str(event.get_kind_display())
