"""What the clinical files say, in other languages: alerts/clinical/words.yaml, held against those files when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from alerts.content import FOLDER, default_rules, default_sources, read_yaml
from alerts.engine import RuleError
from alerts.engine.spot import Spot

WRITTEN_IN = 'en'
Scripts = Mapping[str, tuple[tuple[str, ...], str]]  # by name: what to ask, and when to send


@dataclass(frozen=True, slots=True)
class Translated:
    """In one language: the rules' titles by rule, the telephone scripts by name, the quoted sentences by citation."""

    titles: Mapping[str, str]
    scripts: Scripts
    quotes: Mapping[str, str]


@cache
def translations() -> Mapping[str, Translated]:
    """By language. RuleError where a language lacks something, or has what the files do not have."""
    written = read_yaml((FOLDER / 'triage.yaml').read_text(encoding='utf-8'))
    scripts = {name: len(each.at('ask').items()) for name, each in Spot(written, RuleError).at('scripts').members()}
    content = read_yaml((FOLDER / 'words.yaml').read_text(encoding='utf-8'))
    return parse_translations(content, scripts)


def our_reading(code: str, language: str) -> str:
    """How we read a quoted sentence in another language; empty in the document's own, and for a document cited whole."""
    return '' if language == WRITTEN_IN else translations()[language].quotes.get(code, '')


def parse_translations(content: object, scripts: Mapping[str, int]) -> dict[str, Translated]:
    """From the mapping in words.yaml; `scripts` are the scripts by name, with how many lines each asks."""
    return {language: _block(spot, scripts) for language, spot in Spot(content, RuleError).members()}


def _block(spot: Spot, scripts: Mapping[str, int]) -> Translated:
    spot.keyed(('titles', 'scripts', 'quotes'))
    rules = default_rules()
    spot.at('scripts').keyed(tuple(scripts))
    return Translated(
        _texts(spot.at('titles'), {**rules.rules, **rules.missed}),
        {name: _script(each, scripts[name]) for name, each in spot.at('scripts').members()},
        _quotes(spot.at('quotes')),
    )


def _texts(spot: Spot, keys: Mapping[str, object]) -> dict[str, str]:
    spot.keyed(tuple(keys))
    return {key: each.words() for key, each in spot.members()}


def _script(spot: Spot, lines: int) -> tuple[tuple[str, ...], str]:
    spot.keyed(('ask', 'send'))
    ask = tuple(item.words() for item in spot.at('ask').items())
    if len(ask) != lines:
        spot.at('ask').fail('{n} lines stand for {lines}', n=len(ask), lines=lines)
    return ask, spot.at('send').words()


def _quotes(spot: Spot) -> dict[str, str]:
    """A list within a sentence keeps as many parts: it is shown as a list beside the original."""
    quoted = {code: one.quote for code, one in default_sources().citations.items() if one.quote}
    found = _texts(spot, quoted)
    for code, text in found.items():
        if text.count(';') != quoted[code].count(';'):
            spot.at(code).fail('has another number of parts than the sentence')
    return found
