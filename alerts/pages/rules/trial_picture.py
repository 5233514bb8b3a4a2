"""The picture of a silent run: flags that make an alert, day by day, by the draft and by the rules in force."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.figures.drawing import Line, Mark, Picture, Plot, Scale, number_steps, runs, spaced
from alerts.queries.rules.trial_report import DayCount
from clinic.dates import date_format

MOST_DAYS = 60  # what a picture 360 wide can show; the table beside it has all


def flags_by_day(days: Sequence[DayCount]) -> Picture:
    """The last two months at most; a day without an entry counts none on either side."""
    shown = _every_day(days)[-MOST_DAYS:]
    ticks = number_steps(max((max(each.draft, each.real) for each in shown), default=0))
    plot = Plot()
    scale, step = Scale(ticks[-1], plot.y2, plot.y1), (plot.x2 - plot.x1) / max(len(shown), 1)
    xs = [round(plot.x1 + step * (n + 0.5), 1) for n in range(len(shown))]
    draft = [(x, scale.at(each.draft)) for x, each in zip(xs, shown, strict=True)]
    real = [(x, scale.at(each.real)) for x, each in zip(xs, shown, strict=True)]
    return Picture(
        id='flags-by-day',
        title=_('Flags that make an alert, by day'),
        summary=_summary(shown),
        plot=plot,
        y_ticks=[Mark(plot.x1, scale.at(tick), str(tick)) for tick in ticks],
        x_ticks=spaced([Mark(x, plot.y2, _day(each.day)) for x, each in zip(xs, shown, strict=True)]),
        lines=[*(Line(run, 'amber') for run in runs(real)), *(Line(run, 'red') for run in runs(draft))],
        dots=[*_dots(real, shown, 'amber'), *_dots(draft, shown, 'red')],
        legend=(('red', _('the draft')), ('amber', _('the rules in force'))),
    )


def _every_day(days: Sequence[DayCount]) -> list[DayCount]:
    if not days:
        return []
    known = {each.day: each for each in days}
    whole = (days[-1].day - days[0].day).days + 1
    dates = (days[0].day + timedelta(n) for n in range(whole))
    return [known.get(day, DayCount(day, 0, 0, 0)) for day in dates]


def _dots(places: Sequence[tuple[float, float]], days: Sequence[DayCount], kind: str) -> list[Mark]:
    of_draft = kind == 'red'
    return [Mark(x, y, _dot(each, of_draft), kind) for (x, y), each in zip(places, days, strict=True)]


def _dot(each: DayCount, of_draft: bool) -> str:
    words = {'day': _day(each.day), 'n': each.draft if of_draft else each.real}
    return (_('%(day)s: %(n)s by the draft') if of_draft else _('%(day)s: %(n)s by the rules in force')) % words


def _day(day: date) -> str:
    return date_format(day, 'j M')


def _summary(days: Sequence[DayCount]) -> str:
    if not days:
        return _('No entry was looked at yet.')
    words = {'draft': sum(each.draft for each in days), 'real': sum(each.real for each in days), 'n': len(days)}
    text = ngettext(
        'On %(n)s day the draft would have flagged %(draft)s times; the rules in force flagged %(real)s times.',
        'On %(n)s days the draft would have flagged %(draft)s times; the rules in force flagged %(real)s times.',
        len(days),
    )
    return text % words
