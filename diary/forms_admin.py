"""A symptom's wording in Django's admin: a form with one line for each thing that is said, for each language.

It starts with the version in use and describes the next one. `facts` (what counts as an allergic sign, for whom it is asked)
decide what rules do: they stay as they are.
"""

import copy
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from diary.catalogue import FALLBACK
from diary.fields import SEVERITY
from diary.forms_scale import SCALE, read_scale, scale_fields
from diary.models import Symptom, SymptomVersion
from diary.scales import Levels, levels_changed
from diary.services.symptoms import CatalogueError, check_version, readers_of

LINES = {
    'name': _('name'),
    'short': _('in a sentence'),
    'group': _('group'),
    'question': _('question'),
    'help': _('help'),
}
LISTS = {'levels': _('words of the levels, one a line'), 'level_notes': _('what each level means, one a line')}
RETIRED, CONFIRMED, SEEN = 'retired', 'retire_confirmed', 'retire_seen'
READERS = _(
    'These rules read it. In new entries they will find nothing of it. Tick below that you have read this, and save again.'
)
NO_READERS = _('No rule reads it. Tick below that you have read this, and save again.')
FIELD_NAME = re.compile(r'[a-z][a-z0-9_]{1,30}')


class SymptomForm(forms.ModelForm):  # type: ignore[type-arg]
    """Made for one symptom by `form_for`, which adds the fields that follow from its version."""

    latest: SymptomVersion
    levels: Levels | None = None  # what each old level is worth, once the form is valid and their words changed
    new_name = forms.CharField(
        label=_('its short code'),
        required=False,
        max_length=31,
        help_text=_('Small letters and underscores, such as all_day. Leave empty to add nothing.'),
    )
    new_takes = forms.CharField(
        label=_('what it takes'),
        required=False,
        max_length=60,
        help_text=_('“yes”, a unit and a range such as “C 30-45” or “count 0-50”, or “text up to 2000”.'),
    )

    class Meta:
        model = Symptom
        fields = ('code', 'position')

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if RETIRED in self.fields:
            self.fields[RETIRED].initial = self.instance.retired_at is not None

    def clean_new_name(self) -> str:
        name: str = self.cleaned_data['new_name']
        if name and (not FIELD_NAME.fullmatch(name) or name in self.latest.answers):
            raise forms.ValidationError(_('Choose another code: small letters and underscores, not used here before.'))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                check_version(
                    self.instance.code,
                    answers=self.answers(),
                    words=self.words(),
                    facts=self.latest.facts,
                    before=self.latest.answers,
                )
            except CatalogueError as wrong:
                raise forms.ValidationError(_('This cannot be published. %(why)s'), params={'why': wrong}) from wrong
            self._clean_scale(data)
            self._clean_retiring(data)
        return data

    def _clean_scale(self, data: dict[str, Any]) -> None:
        if levels_changed(self.latest.words, self.words()):
            try:
                self.levels = read_scale(data)
            except forms.ValidationError as wrong:
                self.add_error(SCALE, wrong)

    def _clean_retiring(self, data: dict[str, Any]) -> None:
        """Whoever retires a symptom has seen what reads it, as it is now."""
        if not data.get(RETIRED) or self.instance.retired_at is not None:
            return
        lines = readers_of(self.instance.code)
        seen = hashlib.sha256('\n'.join(lines).encode()).hexdigest()
        if data.get(CONFIRMED) and data.get(SEEN) == seen:
            return
        shown: Any = self.data
        self.data = shown.copy() | {self.add_prefix(SEEN): seen}
        self.add_error(RETIRED, [str(NO_READERS if not lines else READERS), *lines])

    def answers(self) -> dict[str, str]:
        """The fields with what they take: those there are, and the added one."""
        given = self.cleaned_data
        found = {name: given.get(f'takes_{name}', notation) for name, notation in self.latest.answers.items()}
        return found | ({given['new_name']: given['new_takes']} if given['new_name'] else {})

    def words(self) -> dict[str, Any]:
        """All that is said, in the shape that a version stores."""
        return {language: self._block(language, block) for language, block in self.latest.words.items()}

    def _block(self, language: str, before: dict[str, Any]) -> dict[str, Any]:
        given, block = self.cleaned_data, copy.deepcopy(before)
        block |= {name: given[f'{language}_{name}'] for name in LINES}
        block |= {name: given[f'{language}_{name}'].split('\n') for name in LISTS if block.get(name)}
        block['fields'] = {name: given[f'{language}_field_{name}'] for name in before.get('fields', {})}
        helps = {name: given[f'{language}_help_{name}'] for name in block['fields']}
        block['field_help'] = {name: text for name, text in helps.items() if text}
        if given['new_name']:
            block['fields'][given['new_name']] = given[f'{language}_new_question']
        return block

    @property
    def version_content(self) -> dict[str, Any]:
        """What `publish_version` takes, once the form is valid."""
        return {
            'group': self.latest.group,
            'answers': self.answers(),
            'words': self.words(),
            'facts': self.latest.facts,
            'levels': self.levels,
        }


class Lines(forms.CharField):
    """One thing a line."""

    widget = forms.Textarea(attrs={'rows': 5})

    def to_python(self, value: Any) -> str:
        return '\n'.join(line.strip() for line in str(super().to_python(value)).splitlines() if line.strip())


def form_for(version: SymptomVersion, *, by_superuser: bool) -> type[SymptomForm]:
    """The form of the version after `version`. What counts as plausible, and what is asked at all, is the same for every clinic,
    so few may change it."""
    fields: dict[str, Any] = {'latest': version}
    if SEVERITY in version.answers:
        fields |= scale_fields(version.words[FALLBACK]['levels'])
    if by_superuser:
        fields |= _retiring()
        fields |= {f'takes_{name}': _line(name, text) for name, text in version.answers.items() if name != SEVERITY}
    for language, block in version.words.items():
        fields |= dict(_spoken(language, block))
    return type('SymptomForm', (SymptomForm,), fields)


def fieldsets_for(form: type[SymptomForm]) -> list[tuple[Any, dict[str, Any]]]:
    """A group of fields for each language, what the fields take, and the place to add one."""
    names = list(form.base_fields)
    own = [name for name in ('code', 'position') if name in names] or ['code']
    groups: list[tuple[Any, dict[str, Any]]] = [(None, {'fields': own})]
    if RETIRED in names:
        groups.append((_('Retire'), {'fields': [RETIRED, CONFIRMED, SEEN]}))
    for language in form.latest.words:
        said = [name for name in names if name.startswith(f'{language}_') and name != f'{language}_new_question']
        groups.append((dict(settings.LANGUAGES).get(language, language), {'fields': said}))
    if SCALE in names:
        groups.append(
            (_('The scale'), {'fields': [name for name in names if name == SCALE or name.startswith('worth_')]})
        )
    takes = [name for name in names if name.startswith('takes_')]
    added = ['new_name', 'new_takes', *(f'{language}_new_question' for language in form.latest.words)]
    return [
        *groups,
        *([(_('What the fields take'), {'fields': takes})] if takes else []),
        (_('Add a field'), {'fields': added}),
    ]


def _retiring() -> dict[str, forms.Field]:
    return {
        RETIRED: forms.BooleanField(
            label=_('retired'),
            required=False,
            help_text=_(
                'New entries do not ask it any more. Old entries keep it, and every rule goes on reading those.'
            ),
        ),
        CONFIRMED: forms.BooleanField(label=_('I have read which rules read it'), required=False),
        SEEN: forms.CharField(required=False, max_length=64, widget=forms.HiddenInput),
    }


def _spoken(language: str, block: dict[str, Any]) -> Iterable[tuple[str, forms.Field]]:
    for name, label in LINES.items():
        yield f'{language}_{name}', _line(label, block.get(name, ''), required=name in ('name', 'question'))
    for name, label in LISTS.items():
        if block.get(name):
            yield f'{language}_{name}', Lines(label=label, initial='\n'.join(block[name]))
    for name, question in block.get('fields', {}).items():
        yield f'{language}_field_{name}', _line(_('question: %(name)s') % {'name': name}, question)
        helped = block.get('field_help', {}).get(name, '')
        yield f'{language}_help_{name}', _line(_('help: %(name)s') % {'name': name}, helped, required=False)
    yield (
        f'{language}_new_question',
        _line(_('its question (%(language)s)') % {'language': language}, '', required=False),
    )


def _line(label: Any, text: str, *, required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs={'class': 'vTextField'})
    return forms.CharField(label=label, initial=text, required=required, max_length=300, widget=widget)
