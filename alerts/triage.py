"""What a nurse asks on the telephone, by rule: our own draft wording in clinical/triage.yaml, which a clinic must sign off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from alerts.content import FOLDER, default_rules, read_yaml
from alerts.engine import RuleError
from alerts.engine.spot import Spot, quoted
from alerts.translated import WRITTEN_IN, translations

FEWEST, MOST = 2, 5


@dataclass(frozen=True, slots=True)
class Script:
    """`ask` in that order; `send` is when to stop asking and send the patient to emergency care. A `general` one is no organ's:
    it stands behind a script that says more."""

    name: str
    rules: tuple[str, ...]
    ask: tuple[str, ...]
    send: str
    general: bool = False


@cache
def default_scripts() -> Mapping[str, Script]:
    """The scripts by rule. RuleError where a rule of the default set has none or two, or an unknown one is named."""
    rules = default_rules()
    content = read_yaml((FOLDER / 'triage.yaml').read_text(encoding='utf-8'))
    return parse_scripts(content, {*rules.rules, *rules.missed})


def scripts_for(rules: Iterable[str], language: str = WRITTEN_IN) -> list[Script]:
    """The scripts of some rules, each once, what is not general first; a rule that a clinic added has none yet."""
    scripts = scripts_in(language)
    found = dict.fromkeys(scripts[rule] for rule in rules if rule in scripts)
    return sorted(found, key=lambda script: script.general)


@cache
def scripts_in(language: str) -> Mapping[str, Script]:
    """The scripts by rule, line for line in another language. KeyError for one that they are not in."""
    if language == WRITTEN_IN:
        return default_scripts()
    said = translations()[language].scripts
    own = {script.name: script for script in default_scripts().values()}
    worded = {name: replace(script, ask=said[name][0], send=said[name][1]) for name, script in own.items()}
    return {rule: worded[script.name] for rule, script in default_scripts().items()}


def parse_scripts(content: object, known: set[str]) -> dict[str, Script]:
    """From the mapping in triage.yaml; `known` are the rules that need a script. RuleError says what is wrong and where."""
    root = Spot(content, RuleError)
    root.keyed(('draft', 'scripts'))
    if root.at('draft').value is not True:
        root.at('draft').fail('only a clinic can sign this off: it stays a draft here')
    found: dict[str, Script] = {}
    for name, spot in root.at('scripts').members():
        _add(found, _script(name, spot), known, spot)
    if missing := known - set(found):
        root.at('scripts').fail('no script for {rules}', rules=', '.join(sorted(missing)))
    return found


def _script(name: str, spot: Spot) -> Script:
    found = spot.keyed(('rules', 'ask', 'send'), ('general',))
    rules, ask = (tuple(item.words() for item in spot.at(key).items()) for key in ('rules', 'ask'))
    if not FEWEST <= len(ask) <= MOST:
        spot.at('ask').fail('{fewest} to {most} lines are needed', fewest=FEWEST, most=MOST)
    return Script(name, rules, ask, spot.at('send').words(), found.get('general') is True)


def _add(found: dict[str, Script], script: Script, known: set[str], spot: Spot) -> None:
    for rule in script.rules:
        if rule not in known:
            spot.at('rules').fail('unknown rule {found}', found=quoted(rule))
        if rule in found:
            spot.at('rules').fail('{rule} has a script already', rule=rule)
        found[rule] = script
