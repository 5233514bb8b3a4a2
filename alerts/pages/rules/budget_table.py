"""The budget page as one table, for a spreadsheet."""

from django.utils.translation import gettext as _

from alerts.figures.tables import Cell, Row, Table, count_cell
from alerts.pages.rules.budget import Budget, Line
from alerts.pages.rules.verdict import Standing
from alerts.words.titles import title_words


def table_of(budget: Budget) -> Table:
    """A row for each rule, those over the limits first, and one for all together."""
    return Table(
        id='rules',
        title=_('Rules'),
        first=_('Rule'),
        columns=[
            *(_('Flags'), _('Flags on 100 entries'), _('Acted on'), _('Half answered within'), _('Called noise')),
            *(_('Cases not closed'), _('Could not be reached'), _('12 weeks'), _('Judgement')),
        ],
        rows=[_in_all(budget), *(_row(line) for line in budget.lines)],
    )


def standing_words(line: Line) -> str:
    """“over the limits: …”, and so on."""
    names = {
        Standing.OVER: _('over the limits'),
        Standing.WITHIN: _('within the limits'),
        Standing.FEW: _('too few to judge'),
        Standing.UNTOUCHABLE: _('emergency rule, untouchable'),
        Standing.QUIET: _('tells the patient only'),
    }
    words = names[line.verdict.standing] if line.in_force else _('no longer in force')
    return ' '.join([f'{words}.', *line.verdict.reasons]) if line.in_force else words


def _row(line: Line) -> Row:
    cost = line.cost
    more = [count_cell(cost.open), count_cell(cost.unreached), Cell(line.trend.words), Cell(standing_words(line))]
    return Row(f'{line.id} {title_words(line.id, line.title)} ({line.tier_name})', [*line.cells, *more])


def _in_all(budget: Budget) -> Row:
    empty = [Cell('') for _n in range(6)]
    words = _('over the limit') if budget.is_over else _('within the limit')
    return Row(_('All rules together'), [count_cell(budget.calls), budget.rate, *empty, Cell(words)])
