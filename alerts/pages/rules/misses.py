"""What the rules miss: the live rate with its interval, by time and by version of the rules, and every missed entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alerts.engine.wilson import Estimate
from alerts.figures.charts import week_words
from alerts.figures.drawing import Bar, Mark, Picture, Plot, Scale, number_steps, spaced
from alerts.figures.span import Span, last_weeks, monday_of
from alerts.models import EntrySample
from alerts.queries.rules import samples as queries
from alerts.queries.rules.budget_limits import limits_of
from alerts.queries.rules.samples import Counted, Drawn
from alerts.words.answers import StaffUnits, staff_units, told
from clinic.dates import date_format
from clinic.models import Clinic
from diary.catalogue import CatalogueView, current_catalogue

RECENT = timedelta(days=90)
WEEKS = 12
MOST_LISTED = 50
WIDE = 16


@dataclass(frozen=True)
class Told:
    """An estimate in words. `least` and `most` are entries, of `of` entries without a flag."""

    label: str
    estimate: Estimate | None
    note: str = ''

    @property
    def share(self) -> str:
        return percent(self.estimate.share) if self.estimate else '–'

    @property
    def interval(self) -> str:
        if self.estimate is None:
            return ''
        words = {'low': percent(self.estimate.interval.low), 'high': percent(self.estimate.interval.high)}
        return _('%(low)s to %(high)s') % words

    @property
    def effective(self) -> int | None:
        """How many cases of a plain sample the rated ones are worth, where that is less than their number."""
        if self.estimate is None or round(self.estimate.effective) >= self.estimate.rated:
            return None
        return round(self.estimate.effective)

    @property
    def entries(self) -> tuple[int, int, int] | None:
        """(least, most, of): the interval as entries without a flag of these days."""
        found = self.estimate
        if found is None:
            return None
        low, high = found.interval.low * found.population, found.interval.high * found.population
        return round(low), round(high), round(found.population)


@dataclass(frozen=True)
class Miss:
    """One missed entry: what it told in short, and where a nurse follows it up."""

    sample: EntrySample
    told: str


@dataclass(frozen=True)
class Misses:
    recent: Told
    ever: Told
    by_rules: Sequence[Told]
    picture: Picture
    drawn: Drawn
    per_day: int
    open: Sequence[Miss]
    done: Sequence[Miss]
    more: int

    @property
    def rates(self) -> Sequence[Told]:
        return self.recent, self.ever


def misses_of(clinic: Clinic, *, now: datetime) -> Misses:
    """A fixed number of statements, however many samples there are."""
    rows = queries.counted(clinic)
    today = now.astimezone(clinic.zone).date()
    first = today - RECENT
    listed = missed(queries.misses(clinic)[: MOST_LISTED + 1], clinic)
    return Misses(
        recent=_told(_('The last 90 days'), [row for row in rows if row.day >= first]),
        ever=_told(_('Since the first sample'), rows),
        by_rules=_by_rules(rows),
        picture=picture_of(rows, last_weeks(WEEKS, zone=clinic.zone, now=now)),
        drawn=queries.drawn_since(clinic, first=first, now=now),
        per_day=limits_of(clinic).samples_per_day,
        open=missed(queries.to_follow_up(clinic), clinic),
        done=[each for each in listed[:MOST_LISTED] if each.sample.followed_up],
        more=max(queries.misses(clinic).count() - MOST_LISTED, 0) if len(listed) > MOST_LISTED else 0,
    )


def percent(share: float) -> str:
    """“0 %”, “0.4 %”, “12 %”: a decimal only where it tells."""
    digits = 1 if 0 < 100 * share < 10 else 0
    # Django cuts digits off; a rate is rounded.
    return _('%(n)s %%') % {'n': number_format(round(100 * share, digits), digits)}


def missed(samples: Iterable[EntrySample], clinic: Clinic) -> list[Miss]:
    """Each with what it told, in short."""
    catalogue, units = current_catalogue(), staff_units(clinic)
    return [Miss(each, _brief(each, catalogue, units)) for each in samples]


def _brief(sample: EntrySample, catalogue: CatalogueView, units: StaffUnits) -> str:
    return ' · '.join(one.brief for one in told(sample.revision.document, catalogue, units)) or _('nothing new')


def _told(label: str, rows: Sequence[Counted], note: str = '') -> Told:
    return Told(label, queries.rate_of(rows), note)


def _by_rules(rows: Sequence[Counted]) -> list[Told]:
    """One for each set of rules, the newest first."""
    sets = queries.rule_sets_named(rows)
    first = {pk: min(row.day for row in rows if row.rule_set == pk) for pk in sets}
    newest = sorted(sets.values(), key=lambda each: (first[each.pk], each.pk), reverse=True)
    return [
        _told(str(each), [row for row in rows if row.rule_set == each.pk], _since(first[each.pk])) for each in newest
    ]


def _since(day: date) -> str:
    return _('sampled since %(day)s') % {'day': date_format(day, 'j F Y')}


def picture_of(rows: Sequence[Counted], span: Span) -> Picture:
    """The rate of each week as a dot, its interval as a bar behind it; nothing for a week in which nothing was rated."""
    weeks = span.weeks
    found = [queries.rate_of([row for row in rows if monday_of(row.day) == week.monday]) for week in weeks]
    known = [each for each in found if each is not None]
    ticks = number_steps(max([10.0, *(100 * each.interval.high for each in known)]))
    plot = Plot()
    scale = Scale(ticks[-1], plot.y2, plot.y1)
    wide = (plot.x2 - plot.x1) / len(weeks)
    xs = [round(plot.x1 + wide * (n + 0.5), 1) for n in range(len(weeks))]
    named = [
        (x, each, f'{week_words(week)}: {_week_words(each)}')
        for x, week, each in zip(xs, weeks, found, strict=True)
        if each
    ]
    return Picture(
        id='misses',
        title=_('Missed, week by week'),
        summary=_summary([words for _x, _each, words in named]),
        plot=plot,
        y_ticks=[Mark(plot.x1, scale.at(tick), percent(tick / 100)) for tick in ticks],
        x_ticks=spaced([Mark(x, plot.y2, week_words(week)) for x, week in zip(xs, weeks, strict=True)]),
        bars=[_whisker(x, each, words, scale) for x, each, words in named],
        dots=[Mark(x, scale.at(100 * each.share), words) for x, each, words in named],
        legend=[('dot', _('rate')), ('amber', _('95 % interval'))] if named else [],
    )


def _whisker(x: float, found: Estimate, words: str, scale: Scale) -> Bar:
    top, foot = scale.at(100 * found.interval.high), scale.at(100 * found.interval.low)
    return Bar(round(x - WIDE / 2, 1), top, WIDE, round(max(foot - top, 1), 1), words, 'amber')


def _week_words(found: Estimate) -> str:
    words = {'hits': found.hits, 'rated': found.rated, 'share': percent(found.share)}
    return _('%(hits)d of %(rated)d missed, %(share)s') % words


def _summary(weeks: Sequence[str]) -> str:
    return '. '.join(weeks) + '.' if weeks else _('Nothing was rated in these weeks.')
