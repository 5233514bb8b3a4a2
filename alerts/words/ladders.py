"""A ladder as sentences."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.engine.escalation import Ladder, Rung, When
from alerts.words.climbing import joined, span_words, who_words


def sentences(ladder: Ladder) -> list[str]:
    """What happens while nobody takes the alert, one sentence a moment."""
    moments = list(_moments(ladder.rungs))
    first = [_moment(rungs, is_first=n == 0, red=ladder.is_red) for n, rungs in enumerate(moments)]
    return [*first, _end(ladder)]


def limits(ladder: Ladder) -> list[str]:
    """What happens when somebody takes it and then forgets it."""
    words = {'forgotten': _span(ladder, ladder.forgotten_after), 'unfinished': _span(ladder, ladder.unfinished_after)}
    return [
        _('Taken, and then nothing for %(forgotten)s: it comes back to the list.') % words,
        _('Spoken with the patient, and not resolved after %(unfinished)s: it comes back to the list.') % words,
    ]


def _moments(rungs: Sequence[Rung]) -> Iterator[list[Rung]]:
    """Rungs that are taken at the same moment, together."""
    starts = [n for n, rung in enumerate(rungs) if n == 0 or rung.wait > 0]
    for start, end in zip(starts, [*starts[1:], len(rungs)], strict=True):
        yield list(rungs[start:end])


def _moment(rungs: Sequence[Rung], *, is_first: bool, red: bool) -> str:
    words = {'who': joined(_who(rung) for rung in rungs), 'span': span_words(rungs[0].wait)}
    if is_first and not rungs[0].wait:
        return (_('At once: %(who)s.') if red else _('At once, or when the clinic opens: %(who)s.')) % words
    return (_('After %(span)s: %(who)s.') if is_first else _('%(span)s later: %(who)s.')) % words


def _who(rung: Rung) -> str:
    who = {'who': who_words(rung)}
    if rung.when is When.OPEN:
        return _('%(who)s (while the clinic is open)') % who
    return _('%(who)s (while the clinic is closed)') % who if rung.when is When.CLOSED else who['who']


def _end(ladder: Ladder) -> str:
    pause = {'pause': _span(ladder, ladder.pause), 'n': ladder.rounds}
    again = ngettext('It is done once.', 'It is done %(n)d times, with %(pause)s in between.', ladder.rounds)
    last = (
        _('Then the last of them are told every hour, until somebody takes it.')
        if ladder.is_red
        else _('%(pause)s later it moves to the review list, and nobody is told any more.') % pause
    )
    return f'{again % pause} {last}'


def _span(ladder: Ladder, minutes: int) -> str:
    return span_words(minutes) if ladder.is_red else _('%(span)s of clinic time') % {'span': span_words(minutes)}
