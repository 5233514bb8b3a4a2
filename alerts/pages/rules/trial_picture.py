"""The picture of a silent run: flags that make an alert, day by day, by the draft and by the rules in force."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.figures.drawing import Picture
from alerts.figures.two_sides import Side, two_sides
from alerts.queries.rules.trial_report import DayCount

MOST_DAYS = 60  # what a picture 360 wide can show; the table beside it has all


def flags_by_day(days: Sequence[DayCount]) -> Picture:
    """The last two months at most; a day without an entry counts none on either side."""
    shown = _every_day(days)[-MOST_DAYS:]
    sides = (
        Side('amber', _('the rules in force'), [each.real for each in shown]),
        Side('red', _('the draft'), [each.draft for each in shown]),
    )
    words = {'picture': 'flags-by-day', 'title': _('Flags that make an alert, by day'), 'summary': _summary(shown)}
    return two_sides([each.day for each in shown], sides, **words)


def _every_day(days: Sequence[DayCount]) -> list[DayCount]:
    if not days:
        return []
    known = {each.day: each for each in days}
    whole = (days[-1].day - days[0].day).days + 1
    dates = (days[0].day + timedelta(n) for n in range(whole))
    return [known.get(day, DayCount(day, 0, 0, 0)) for day in dates]


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
