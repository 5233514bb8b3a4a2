"""When the words of the levels change: do old answers still mean the same? Asked in the admin's form and by an import."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diary.scales import SAME, Levels, checked

SCALE = 'scale'
MEANINGS = [
    ('same', _('The wording is clearer; each level means what it meant')),
    ('map', _('Some old levels are other levels now: as chosen below')),
    ('apart', _('Old and new answers cannot be compared')),
]
QUESTION = _('Do old answers still mean the same?')
HELP = _(
    'Asked when the words of the levels or what they mean change. What cannot be compared is not: rules that look for “worse” or '
    '“for days” start anew, and say why.'
)
UNANSWERED = _('The words of the levels changed. Say what the old answers mean now.')


def scale_fields(levels: Sequence[str], *, now: Sequence[str] = ()) -> dict[str, forms.Field]:
    """The question, and for each old level from 1 which one it is now; none stays none. `levels` are the old words, `now` the new
    ones where they are known: then the question has to be answered."""
    fields: dict[str, forms.Field] = {
        SCALE: forms.ChoiceField(
            label=QUESTION,
            choices=MEANINGS,
            required=bool(now),
            widget=forms.RadioSelect,
            help_text=HELP,
            error_messages={'required': UNANSWERED},
        )
    }
    choices = [(str(n), f'{n}: {now[n]}' if now else _('level %(n)s of 4') % {'n': n}) for n in SAME[1:]]
    for old in SAME[1:]:
        label = _('Old level %(n)s, “%(word)s”, is now') % {'n': old, 'word': levels[old]}
        fields[f'worth_{old}'] = forms.ChoiceField(label=label, choices=choices, initial=str(old), required=bool(now))
    return fields


def read_scale(given: Mapping[str, Any]) -> Levels | None:
    """What each old level is worth; None for levels that cannot be compared. Raises ValidationError."""
    match given.get(SCALE):
        case 'same':
            return SAME
        case 'apart':
            return None
        case 'map':
            return _mapped(given)
    raise forms.ValidationError(UNANSWERED)


def _mapped(given: Mapping[str, Any]) -> Levels:
    try:
        return checked([0, *(int(given[f'worth_{old}']) for old in SAME[1:])])
    except ValueError:
        raise forms.ValidationError(
            _('Choose a level for each old one; a worse one cannot become milder than the one below it.')
        ) from None
