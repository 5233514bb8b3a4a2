"""Everything that the figures' page shows, from one scope: its tables, its pictures, and what they come to in a sentence."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.figures import charts
from alerts.figures.drawing import Picture
from alerts.figures.measures import Rate, Share, Times, time_words
from alerts.figures.tables import Cell, Row, Table, count_cell, median_cell, p90_cell, rate_cell, share_cell
from alerts.models import Line, TierChoice
from alerts.queries import figures as queries
from alerts.queries.figures import AGES, TIERS, Scope, Tally, total
from clinic.models import CareTeam

AIM = 20  # flags on 100 entries; studies of such diaries report 17 to 86
RED_TIERS = (TierChoice.EMERGENCY.value, TierChoice.URGENT.value)
NOTHING = Times()


@dataclass(frozen=True)
class Report:
    """`verdict` answers whether what presses is seen sooner. `tables` are all of them, in the order of the page."""

    verdict: str
    red: Cell
    amber: Cell
    against: Table
    in_all: Table
    tiers: Table
    weeks: Table
    teams: Table
    ages: Table
    against_picture: Picture
    week_pictures: Sequence[Picture]
    ages_picture: Picture
    left_out: int

    @property
    def tiles(self) -> list[tuple[str, Cell]]:
        return list(zip(self.in_all.columns, self.in_all.rows[0].cells, strict=True))

    @property
    def tables(self) -> Sequence[Table]:
        return (self.against, self.in_all, self.tiers, self.weeks, self.teams, self.ages)


def report_of(scope: Scope, teams: Sequence[CareTeam]) -> Report:
    """All figures of a scope, in a number of queries that does not depend on weeks, teams or cases."""
    rows, by_line = queries.tallies(scope), queries.waits(scope, 'line')
    weekly = queries.waits(scope, 'week', 'line')
    red, amber = by_line.get(('red',), NOTHING), by_line.get(('amber',), NOTHING)
    against, ages = _against(scope, by_line), _ages(scope)
    return Report(
        verdict=verdict(red, amber),
        red=median_cell(red),
        amber=median_cell(amber),
        against=against,
        in_all=_in_all(rows),
        tiers=_tiers(scope, rows),
        weeks=_weeks(scope, rows, weekly),
        teams=_teams(scope, rows, teams),
        ages=_ages_table(ages),
        against_picture=_against_picture(against, red, amber),
        week_pictures=_week_pictures(scope, rows, weekly),
        ages_picture=_ages_picture(ages),
        left_out=queries.left_out(scope),
    )


def line_names() -> dict[str, str]:
    return {'red': _('Act now'), 'amber': _('Look today')}


def verdict(red: Times, amber: Times) -> str:
    """Whether pressing alerts are seen sooner: elsewhere they were closed no faster than others."""
    if red.is_few or amber.is_few or red.median is None or amber.median is None:
        return _('Too few alerts to say whether pressing ones are seen sooner.')
    if red.median >= amber.median:
        return _('Pressing alerts wait no less than the others. They should be the first that anybody opens.')
    if not red.median:
        return _('Pressing alerts are seen sooner than the others.')
    times = amber.median / red.median
    if times < 2:
        return _('Pressing alerts are seen a little sooner than the others.')
    return _('Pressing alerts are seen sooner: the others wait about %(n)d times as long.') % {'n': round(times)}


# -- red against amber ----------------------------------------------------------------------------------------------------
def _against(scope: Scope, by_line: queries.Waits) -> Table:
    waiting, in_hours = queries.waiting_by_line(scope), queries.waits_in_hours(scope)
    names = line_names()
    rows = [_against_row(names[line], by_line.get((line,), NOTHING), waiting.get(line, 0)) for line in names]
    opened = _('%(line)s: came in opening hours')
    rows += [_against_row(opened % {'line': names[line]}, in_hours.get((line,), NOTHING), None) for line in names]
    return Table(
        id='against',
        title=_('Wait until somebody has it'),
        first=_('Alerts'),
        columns=[_('Acknowledged'), _('Half waited no longer than'), _('Nine of ten no longer than'), _('Waiting now')],
        rows=rows,
        words=_(
            'From the moment an entry was there to check until a person acknowledged its alert, by the wall clock: nights and '
            'weekends count. “Act now” are emergency and urgent alerts, “look today” the same-day ones. Alerts that still wait '
            'have no time yet: they stand in the last column.'
        ),
    )


def _against_row(label: str, times: Times, waiting: int | None) -> Row:
    now = Cell('') if waiting is None else count_cell(waiting)
    return Row(label, [count_cell(times.n), median_cell(times), p90_cell(times), now])


def _against_picture(table: Table, red: Times, amber: Times) -> Picture:
    names = line_names()
    bars = [
        charts.Lying(_bar_words(names[line], times), times.median, times.p90, line)
        for line, times in (('red', red), ('amber', amber))
        if not times.is_few and times.median is not None and times.p90 is not None
    ]
    summary = ' '.join(f'{bar.words}.' for bar in bars) or _('Too few to say.')
    return charts.against('against-picture', table.title, bars, summary=summary)


def _bar_words(name: str, times: Times) -> str:
    words = {
        'name': name,
        'half': time_words(times.median or timedelta()),
        'most': time_words(times.p90 or timedelta()),
    }
    return _('%(name)s: half within %(half)s, nine of ten within %(most)s') % words


# -- in all, by tier, by week, by team ------------------------------------------------------------------------------------
def in_time(counts: Counter[str]) -> Share:
    """Alerts that still wait after their time count as not in time."""
    return Share(counts['in_time'], counts['acknowledged'] + counts['overdue'])


def _in_all(rows: Sequence[Tally]) -> Table:
    all_ = total(rows)
    figures = {
        _('Entries'): count_cell(all_['entries']),
        _('Flags per 100 entries'): rate_cell(Rate(all_['flags'], all_['entries'])),
        _('Entries with a flag'): share_cell(Share(all_['flagged_entries'], all_['entries'])),
        _('Alerts per 100 entries'): rate_cell(Rate(all_['opened'], all_['entries'])),
        _('Seen in time'): share_cell(in_time(all_)),
        _('Acted on'): share_cell(Share(all_['acted_on'], all_['resolved'])),
        _('Marked as noise'): share_cell(Share(all_['noise'], all_['marked'])),
        _('Resolved alerts with a mark'): share_cell(Share(all_['marked'], all_['resolved'])),
    }
    return Table('in-all', _('In all'), _('Days'), list(figures), [Row(_('All chosen days'), list(figures.values()))])


def _tiers(scope: Scope, rows: Sequence[Tally]) -> Table:
    waits, ends = queries.waits(scope, 'tier'), queries.times_to_resolve(scope, 'tier')
    return Table(
        id='tiers',
        title=_('By tier'),
        first=_('Tier'),
        columns=[
            *(_('To acknowledge: half within'), _('To acknowledge: nine of ten within'), _('Seen in time')),
            *(_('To resolve: half within'), _('To resolve: nine of ten within'), _('Acted on')),
        ],
        rows=[
            Row(
                str(tier.label),
                _tier_cells(waits.get((tier.value,), NOTHING), ends.get((tier.value,), NOTHING), counts),
            )
            for tier in TIERS
            for counts in [total(rows, tiers=[tier])]
        ],
        words=_(
            'An alert counts for the tier that it had at that step; for “acted on”, for the tier that it had at its end.'
        ),
    )


def _tier_cells(waits: Times, ends: Times, counts: Counter[str]) -> list[Cell]:
    seen, acted = share_cell(in_time(counts)), share_cell(Share(counts['acted_on'], counts['resolved']))
    return [median_cell(waits), p90_cell(waits), seen, median_cell(ends), p90_cell(ends), acted]


def _columns() -> list[str]:
    return [
        *(_('Entries'), _('Flags per 100 entries'), _('Alerts')),
        *(_('Act now: half within'), _('Look today: half within')),
        *(_('Seen in time'), _('Acted on'), _('Noise')),
    ]


def _cells(counts: Counter[str], red: Times, amber: Times) -> list[Cell]:
    return [
        *(
            count_cell(counts['entries']),
            rate_cell(Rate(counts['flags'], counts['entries'])),
            count_cell(counts['opened']),
        ),
        *(median_cell(red), median_cell(amber), share_cell(in_time(counts))),
        *(
            share_cell(Share(counts['acted_on'], counts['resolved'])),
            share_cell(Share(counts['noise'], counts['marked'])),
        ),
    ]


def _weeks(scope: Scope, rows: Sequence[Tally], weekly: queries.Waits) -> Table:
    found = [
        Row(
            charts.week_words(week),
            _cells(total(rows, week=week.monday), *_red_amber(weekly, week.monday)),
            _part(scope, n),
        )
        for n, week in enumerate(scope.span.weeks)
    ]
    return Table('weeks', _('By week'), _('Week of'), _columns(), found[::-1])


def _part(scope: Scope, n: int) -> str:
    """What to say of a week that is not whole."""
    weeks = scope.span.weeks
    if n == len(weeks) - 1 and scope.span.is_now:
        return _('so far')
    return '' if weeks[n].is_whole else _('not the whole week')


def _teams(scope: Scope, rows: Sequence[Tally], teams: Sequence[CareTeam]) -> Table:
    waits = queries.waits(scope, 'team', 'line')
    names: dict[int | None, str] = {team.pk: team.name for team in teams} | {None: _('No team')}
    shown = [key for key in names if not scope.teams or key in scope.teams]
    return Table(
        id='teams',
        title=_('By care team'),
        first=_('Care team'),
        columns=_columns(),
        rows=[Row(names[key], _cells(total(rows, team=key), *_red_amber(waits, key))) for key in shown],
        words=_('A patient counts for the team that she has today.'),
    )


def _red_amber(waits: queries.Waits, key: object) -> tuple[Times, Times]:
    return waits.get((key, Line.RED.value), NOTHING), waits.get((key, Line.AMBER.value), NOTHING)


def _week_pictures(scope: Scope, rows: Sequence[Tally], weekly: queries.Waits) -> list[Picture]:
    weeks = scope.span.weeks
    counts = [total(rows, week=week.monday) for week in weeks]
    percent, per_hundred = _('%(n)d %%'), _('Aim: %(n)d or fewer')
    return [
        charts.waits_by_week(weeks, weekly, line_names()),
        charts.columns_by_week(
            'in-time',
            _('Seen in time, week by week'),
            weeks,
            [in_time(each).percent for each in counts],
            words=lambda value: percent % {'n': round(value)},
            top=100,
        ),
        charts.columns_by_week(
            'flags',
            _('Flags per 100 entries, week by week'),
            weeks,
            [Rate(each['flags'], each['entries']).per_hundred for each in counts],
            words=lambda value: f'{value:.3g}',
            aim=(AIM, per_hundred % {'n': AIM}),
        ),
    ]


# -- what stands now ------------------------------------------------------------------------------------------------------
def _ages(scope: Scope) -> Mapping[str, list[int]]:
    """Counts by age for each tier, zeros too."""
    found = queries.open_by_age(scope)
    return {tier.value: found.get(tier.value, [0] * (len(AGES) + 1)) for tier in TIERS}


def age_words() -> list[str]:
    """Of each column of `open_by_age`."""
    edges = [time_words(age) for age in AGES]
    between = [_('%(from)s to %(to)s') % {'from': a, 'to': b} for a, b in itertools.pairwise(edges)]
    return [_('under %(age)s') % {'age': edges[0]}, *between, _('over %(age)s') % {'age': edges[-1]}]


def _ages_table(ages: Mapping[str, list[int]]) -> Table:
    rows = [Row(words, [count_cell(ages[tier.value][n]) for tier in TIERS]) for n, words in enumerate(age_words())]
    everything = Row(_('all'), [count_cell(sum(ages[tier.value])) for tier in TIERS])
    return Table(
        id='ages',
        title=_('Open now, by age'),
        first=_('Since it opened'),
        columns=[str(tier.label).capitalize() for tier in TIERS],
        rows=[*rows, everything],
        words=_('Every alert that is not resolved at this moment, whichever days were chosen above; snoozed ones too.'),
    )


def _ages_picture(ages: Mapping[str, list[int]]) -> Picture:
    red = [sum(numbers) for numbers in zip(*(ages[tier] for tier in RED_TIERS), strict=True)]
    return charts.by_age(age_words(), red, ages[TierChoice.SAME_DAY.value], line_names())


def left_out_words(number: int) -> str:
    """Of the cases that are in no figure; empty when there are none."""
    if not number:
        return ''
    return ngettext(
        '%(n)d case of these days is not counted: everything in it was corrected later.',
        '%(n)d cases of these days are not counted: everything in them was corrected later.',
        number,
    ) % {'n': number}
