"""Rules as text for experts: YAML with one order of names, so that the same rules are always the same text.

A mapping written and read again is equal to itself, and a text that was written here, read and written again is the same text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from alerts.engine import RuleError
from alerts.engine.spot import Spot
from alerts.plain_yaml import read_yaml, write_yaml

# The order in which names are written, whatever they are names of; others come after these, by the alphabet.
_SET = ('macros', 'rules', 'missed', 'follow_up_months_after_last_dose', 'acknowledge_within_minutes')
_HEAD = ('tier', 'title', 'basis', 'cites', 'when', 'after_hours')
_CONDITION = (
    *(
        'any',
        'all',
        'symptom',
        'field',
        'worsened',
        'by',
        'therapy',
        'day_gte',
        'day_lte',
        'measure',
        'days',
        'at_least',
    ),
    *('of', 'gte', 'over_baseline_gte', 'lt', 'drop_percent_gt', 'change_percent_gte'),
)
_TIERS = ('emergency', 'urgent', 'same_day')
_PLACES = {name: place for place, name in enumerate((*_SET[:3], *_HEAD, *_SET[3:], *_CONDITION, *_TIERS))}


def rules_as_text(value: Mapping[str, Any]) -> str:
    """One rule (the value under its id), or a whole rule set, as text."""
    return write_yaml(_ordered(value))


def text_as_rules(text: str) -> dict[str, Any]:
    """The mapping of one rule or of a whole rule set. RuleError, with line and column, for text that is none."""
    found = read_yaml(text)
    Spot(found, RuleError).mapping()
    return dict(found) if isinstance(found, dict) else {}


def line_at(text: str, steps: Sequence[str | int]) -> int:
    """The line (from 1) where a place such as ('rules', 'E01', 'when', 'any', 2) stands, or its nearest surroundings.

    Only for text that `text_as_rules` has read: it is composed without its limits.
    """
    node, line = yaml.compose(text, yaml.SafeLoader), 1
    for step in steps:
        found = _below(node, step)
        if found is None:
            break
        line, node = found
    return line


def _below(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    """Where the part begins (for a name: where the name stands), and the part."""
    if isinstance(node, yaml.MappingNode):
        pairs = ((key, value) for key, value in node.value if key.value == step)
        return next(((key.start_mark.line + 1, value) for key, value in pairs), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        part = node.value[step]
        return part.start_mark.line + 1, part
    return None


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value, key=_order)}
    return [_ordered(item) for item in value] if isinstance(value, list | tuple) else value


def _order(name: str) -> tuple[int, str]:
    return _PLACES.get(name, len(_PLACES)), name
