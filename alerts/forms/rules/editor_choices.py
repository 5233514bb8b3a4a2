"""What can be chosen in a condition, in the catalogue's own words, scales and units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import SEVERITY, Catalogue, Field, Kind, Node, PhraseBook
from alerts.engine.catalogue import Measurement
from alerts.engine.describe import describe
from alerts.forms.rules.editor_tree import Typed
from alerts.words.answers import SHORT
from alerts.words.books import book_for
from alerts.words.evidence import LEVELS
from diary.catalogue import CatalogueView

Choice = tuple[str, str]
Grouped = list[tuple[str, list[Choice]]]  # an empty name: no group

FROM_LEVEL = {
    '1': gettext_lazy('mild or worse'),
    '2': gettext_lazy('moderate or worse'),
    '3': gettext_lazy('severe or worse'),
    '4': gettext_lazy('very severe'),
}
UNITS = {'C': '°C', 'h': gettext_lazy('hours'), 'count': ''}


@dataclass(frozen=True)
class Limits:
    """What a number may be; `above` where it has to be more than `low`."""

    low: float
    high: float
    unit: str = ''
    whole: bool = False
    above: bool = False


@dataclass(frozen=True)
class Choices:
    """`macros` are the named conditions of the draft; `view` has the words of the scales, in the reader's language."""

    catalogue: Catalogue
    view: CatalogueView
    macros: Mapping[str, Node]

    @cached_property
    def book(self) -> PhraseBook:
        """Conditions in the reader's language."""
        return book_for(self.catalogue)

    def of(self, slot: str, one: Typed) -> Grouped | None:
        """What can be chosen in a field; None for a field that one types."""
        match slot:
            case 'symptom':
                return self.symptoms(one.value('symptom'), with_severity=one.word == 'worsened')
            case 'test':
                return self.tests(one.value('symptom')) if one.word == 'symptom' else self.measure_tests(one)
            case 'by':
                return [('', [(str(n), _by(n)) for n in range(1, 5)])]
            case 'gte':
                return [('', [(n, str(words)) for n, words in FROM_LEVEL.items()])]
            case 'therapy':
                return [('', [(code, therapy.name) for code, therapy in self.book.catalogue.therapies.items()])]
            case 'context':
                return [('', list(self.catalogue.contexts.items()))]
            case 'measure':
                return [('', [(name, self.measure_name(name)) for name in self.catalogue.measurements])]
            case 'name':
                return [('', [(name, f'{self.stands_for(name)} ({name})') for name in self.macros])]
        return None

    def allows(self, slot: str, one: Typed) -> bool:
        grouped = self.of(slot, one)
        return grouped is None or one.value(slot) in [value for _name, choices in grouped for value, _label in choices]

    def symptoms(self, kept: str | Iterable[str] = '', *, with_severity: bool = False) -> Grouped:
        """By area of the body. Retired ones only where the rule names them already."""
        keep = {kept} if isinstance(kept, str) else set(kept)
        found: dict[str, list[Choice]] = {}
        for code, symptom in self.catalogue.symptoms.items():
            offered = code in keep or not self.view.symptom(code).retired
            if offered and (SEVERITY in symptom.fields or not with_severity):
                found.setdefault(self.view.symptom(code).group, []).append((code, symptom.name))
        return list(found.items())

    def tests(self, symptom: str) -> Grouped:
        """What of a symptom can count: its scale, its questions, its numbers."""
        if symptom not in self.catalogue.symptoms:
            return []
        fields = self.catalogue.symptoms[symptom].fields
        scale = [(f'gte:{n}', str(words)) for n, words in FROM_LEVEL.items()] if SEVERITY in fields else []
        yes = [(f'yes:{f.name}', _answered(f.name)) for f in fields.values() if f.kind is Kind.YES]
        numbers = [choice for f in fields.values() if f.is_number for choice in _number_tests(f.name)]
        named = ((_('How bad'), scale), (_('Answered yes'), yes), (_('A number'), numbers))
        return [(name, choices) for name, choices in named if choices]

    def measure_tests(self, one: Typed) -> Grouped:
        measure = self.catalogue.measurements.get(one.value('measure'))
        below = [('lt', _('is below'))]
        usual = [
            ('drop', _('is below usual by more than')),
            ('change', _('is away from usual, up or down, by at least')),
        ]
        return [('', below + (usual if measure is None or measure.has_baseline else []))]

    def limits(self, slot: str, one: Typed) -> Limits | None:
        """Of a field that takes a number; None while it is not known what the number is of."""
        match one.word, slot:
            case 'symptom', 'n':
                return self._of_field(one)
            case 'measure', 'n':
                return self._of_measure(one)
            case _, 'days':
                return Limits(1, 60, whole=True)
            case _, 'at_least':
                return Limits(1, max(len(one.parts), 1), whole=True)
            case _, 'first' | 'last':
                return Limits(0, 3660, whole=True)
            case 'hours', 'n':
                return Limits(0, 24 * 3660)
            case 'allergic', 'n':
                return Limits(1, len(self.catalogue.allergic), whole=True)
            case 'findings', 'n':
                return Limits(1, len(self.catalogue.symptoms), whole=True)
        return None

    def _of_field(self, one: Typed) -> Limits | None:
        test, _colon, name = one.value('test').partition(':')
        symptom = self.catalogue.symptoms.get(one.value('symptom'))
        field = symptom.fields.get(name) if symptom else None
        if field is None or test not in ('least', 'over'):
            return None
        unit = self.unit(one.value('symptom'), field)
        return Limits(0 if test == 'over' else float(field.low), float(field.high), unit, above=test == 'over')

    def _of_measure(self, one: Typed) -> Limits | None:
        measure: Measurement | None = self.catalogue.measurements.get(one.value('measure'))
        if one.value('test') == 'drop':
            return Limits(0, 100, '%')
        if one.value('test') == 'change':
            return Limits(0, 1000, '%', above=True)
        return Limits(float(measure.low), float(measure.high), measure.unit) if measure else None

    def unit(self, symptom: str, field: Field) -> str:
        spec = self.view.symptom(symptom).fields.get(field.name)
        word = spec.unit_word if spec else field.unit
        return str(UNITS.get(word, word))

    def measure_name(self, name: str) -> str:
        return self.view.measurements[name].name if name in self.view.measurements else name.replace('_', ' ')

    def stands_for(self, macro: str) -> str:
        return describe(self.macros[macro], self.book)

    def level_note(self, one: Typed) -> str:
        """What the chosen level means for this symptom, as patients read it: “Moderate: Loose, I stay near a toilet”."""
        test, _colon, level = one.value('test').partition(':')
        code = one.value('symptom')
        if one.word != 'symptom' or test != 'gte' or code not in self.view.symptoms or level not in FROM_LEVEL:
            return ''
        notes = [each for each in self.view.symptom(code).levels if each.value == int(level)]
        if not notes or not notes[0].note:
            return ''
        words = {'level': str(LEVELS[int(level)]).capitalize(), 'note': notes[0].note}
        return _('%(level)s: “%(note)s”') % words


def _by(levels: int) -> str:
    return _('at least 1 level') if levels == 1 else _('at least %(n)s levels') % {'n': levels}


def _answered(field: str) -> str:
    return _('is there') if field == 'present' else short(field)


def short(field: str) -> str:
    return str(SHORT.get(field, field.replace('_', ' ')))


def _number_tests(field: str) -> list[Choice]:
    return [
        (f'least:{field}', short(field)),
        (f'over:{field}', _('%(field)s, over usual') % {'field': short(field)}),
    ]
