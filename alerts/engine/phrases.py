"""A language's words for conditions, as data: `describe.py` makes its sentences of them. Files of phrases are read strictly."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from alerts.engine.catalogue import Catalogue
from alerts.engine.errors import RuleError
from alerts.engine.numbers import Exact
from alerts.engine.sentences import Sentence
from alerts.engine.spot import Spot
from alerts.engine.tiers import Tier

_TIERS = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY, Tier.MONITOR)
# By key, what is put in.
_SAID = {
    'sentence': 'tier when',
    'any_of': '',
    'all_of': '',
    'every_one': '',
    'one_or_more': '',
    'so_many': 'n',
    'new': 'symptoms',
    'below': 'n unit',
    'dropped': 'n',
    'changed': 'n',
    'any_severity': 'level',
    'days_after': 'first last therapy',
    'day_after': 'first therapy',
    'ever_treated': 'therapy',
    'allergic_signs': 'n',
    'findings': 'n',
    'so_many_of': 'n tests',
}
_COUNTED = {
    'worsened': 'n symptom',
    'any_worsened': 'n',
    'each_day': 'n what',
    'on_each_day': 'n how_many',
    'same_symptom': 'n level',
    'since_dose': 'n',
}
_BLOCK = ('tiers', 'levels', 'joined', 'said', 'counted', 'numbers', 'over_usual', 'fields', 'measures', 'contexts')

Forms = tuple[str, str]  # for one, and for any other number


@dataclass(frozen=True, slots=True)
class Joint:
    """The word between two conditions; `turned` where the next one begins like `before`."""

    says: str
    turned: str = ''
    before: re.Pattern[str] | None = None

    def joined(self, parts: Iterable[str], mark: str) -> str:
        """`mark` stands before the word: “a, or b, or c”."""
        first, *rest = parts
        return first + ''.join(f'{mark} {self._to(part)} {part}' for part in rest)

    def _to(self, part: str) -> str:
        return self.turned if self.before and self.before.match(part.lower()) else self.says


@dataclass(frozen=True, slots=True)
class Phrases:
    """Templates by key, in one language. `numbers` and `over_usual` are by field, `other` for every field without its own."""

    language: str
    tiers: Mapping[Tier, str]
    levels: tuple[str, ...]
    joints: Mapping[str, Joint]
    said: Mapping[str, str]
    counted: Mapping[str, Forms]
    numbers: Mapping[str, Forms]
    over_usual: Mapping[str, Forms]
    fields: Mapping[str, str]
    measures: Mapping[str, str]
    contexts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """All the words that describing needs: a language's phrases, and a catalogue whose names are in that language."""

    phrases: Phrases
    catalogue: Catalogue

    def say(self, key: str, **words: object) -> str:
        return self.phrases.said[key].format(**words)

    def count(self, key: str, n: Exact, **words: object) -> str:
        return _form(self.phrases.counted[key], n).format(n=n, **words)

    def joined(self, word: str, parts: Iterable[str], mark: str) -> str:
        """`word` is "or" or "and"; the parts, one or more."""
        return self.phrases.joints[word].joined(parts, mark)

    def level(self, least: int) -> str:
        return self.phrases.levels[least - 1]

    def field(self, name: str) -> str:
        return self.phrases.fields.get(name, _spaced(name))

    def number(self, field: str, limit: Exact, *, over_usual: bool = False) -> str:
        forms = self.phrases.over_usual if over_usual else self.phrases.numbers
        return _form(forms.get(field, forms['other']), limit).format(n=limit, field=_spaced(field))

    def measure(self, name: str) -> str:
        return self.phrases.measures.get(name, _spaced(name))

    def symptom(self, code: str) -> str:
        return _lowered(self.catalogue.symptoms[code].name)

    def therapy(self, code: str) -> str:
        return _lowered(self.catalogue.therapies[code].name)

    def context(self, code: str) -> str:
        return self.phrases.contexts.get(code) or _lowered(self.catalogue.contexts[code])


def parse_phrases(content: object) -> dict[str, Phrases]:
    """By language. RuleError where a block lacks a word, has another one, or leaves out what is put in."""
    found = {language: _block(language, spot) for language, spot in Spot(content, RuleError).members()}
    for _, spot in Spot(content, RuleError).members():
        for part in ('numbers', 'over_usual', 'fields', 'measures', 'contexts'):
            spot.at(part).keyed(tuple(getattr(found['en'], part)))
    return found


def _block(language: str, spot: Spot) -> Phrases:
    spot.keyed(_BLOCK)
    return Phrases(
        language=language,
        tiers=_tiers(spot.at('tiers')),
        levels=_levels(spot.at('levels')),
        joints=_joints(spot.at('joined')),
        said={key: _text(each, _SAID[key]) for key, each in _only(spot.at('said'), _SAID)},
        counted={key: _forms(each, _COUNTED[key]) for key, each in _only(spot.at('counted'), _COUNTED)},
        numbers=_by_field(spot.at('numbers')),
        over_usual=_by_field(spot.at('over_usual')),
        fields={name: each.words() for name, each in spot.at('fields').members()},
        measures={name: each.words() for name, each in spot.at('measures').members()},
        contexts={name: each.words() for name, each in spot.at('contexts').members()},
    )


def _only(spot: Spot, keys: Mapping[str, str]) -> Iterable[tuple[str, Spot]]:
    spot.keyed(tuple(keys))
    return spot.members()


def _tiers(spot: Spot) -> dict[Tier, str]:
    spot.keyed(tuple(tier.word for tier in _TIERS))
    return {tier: spot.at(tier.word).words() for tier in _TIERS}


def _levels(spot: Spot) -> tuple[str, ...]:
    found = tuple(item.words() for item in spot.items())
    if len(found) != 4:
        spot.fail('four levels are needed')
    return found


def _joints(spot: Spot) -> dict[str, Joint]:
    spot.keyed(('or', 'and'))
    return {word: _joint(each) for word, each in spot.members()}


def _joint(spot: Spot) -> Joint:
    if 'before' not in spot.keyed(('says',), ('before',)):
        return Joint(spot.at('says').words())
    before = spot.at('before')
    before.keyed(('says', 'pattern'))
    return Joint(spot.at('says').words(), before.at('says').words(), re.compile(before.at('pattern').words()))


def _by_field(spot: Spot) -> dict[str, Forms]:
    return {name: _forms(each, 'n field' if name == 'other' else 'n') for name, each in spot.members()}


def _forms(spot: Spot, put_in: str) -> Forms:
    """A text alone is said of every number."""
    if isinstance(spot.value, str):
        return _text(spot, put_in), spot.value
    pair = spot.items()
    if len(pair) != 2:
        spot.fail('two forms are needed: for one, and for any other number')
    return _text(pair[0], put_in, may_lack='n'), _text(pair[1], put_in)


def _text(spot: Spot, put_in: str, *, may_lack: str = '') -> str:
    text, needed = spot.words(), set(put_in.split())
    there = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if not needed - set(may_lack.split()) <= there <= needed:
        spot.fail('puts in {there} instead of {needed}', there=_named(there), needed=_named(needed))
    return text


def _named(names: set[str]) -> str | Sentence:
    return ', '.join(sorted(names)) or Sentence('nothing')


def _form(forms: Forms, n: Exact) -> str:
    return forms[0] if n == 1 else forms[1]


def _spaced(name: str) -> str:
    return name.replace('_', ' ')


def _lowered(text: str) -> str:
    """Within a sentence; what begins with an abbreviation stays ("CAR T-cell therapy")."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
