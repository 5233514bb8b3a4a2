"""The text of a rule or of a whole set on its page, and what is wrong with it, line by line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

from alerts.engine import RuleError
from alerts.forms.rules.editor import seen_of
from alerts.models import RuleSet, RuleSetEvent
from alerts.queries.rules.editor import changes_since
from alerts.services.rules import drafting
from alerts.services.rules.texts import line_at, rules_as_text, text_as_rules
from alerts.words.problems import in_words
from clinic.models import User

_LINE = re.compile(r'line (\d+)')


@dataclass(frozen=True)
class Text:
    """`seen` is the draft's `edits` that the text was made of; `line` is where the problem is, `near` what stands there."""

    rule_set: RuleSet
    text: str
    seen: int
    problem: str = ''
    place: str = ''
    line: int = 0
    near: str = ''
    changes: tuple[RuleSetEvent, ...] = ()
    no_draft: bool = False
    saved: bool = False

    @property
    def rows(self) -> int:
        return min(max(self.text.count('\n') + 2, 12), 40)


def shown_text(rule_set: RuleSet, rule: str) -> Text:
    """The text of a rule, or of everything where `rule` is empty."""
    return Text(rule_set, rules_as_text(_part(rule_set.content, rule)), rule_set.edits)


def _part(content: Mapping[str, Any], rule: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = content['rules'][rule] if rule else content
    return found


def save_text(rule_set: RuleSet, rule: str, data: QueryDict, *, by: User, now: datetime) -> Text:
    """Store what was sent. What came of it; the text is always as it was typed."""
    text = data.get('text', '').replace('\r\n', '\n')
    sent = Text(rule_set, text, seen_of(data))
    try:
        return _stored(sent, rule, text_as_rules(text), by=by, now=now)
    except RuleError as error:
        return _wrong(sent, rule, error)
    except drafting.NotADraft:
        return Text(rule_set, text, sent.seen, no_draft=True)
    except drafting.DraftChanged:
        now_is = RuleSet.objects.get(pk=rule_set.pk)
        return Text(now_is, text, now_is.edits, changes=tuple(changes_since(now_is, sent.seen)))


def _stored(sent: Text, rule: str, value: dict[str, Any], *, by: User, now: datetime) -> Text:
    whose: dict[str, Any] = {'draft': sent.rule_set, 'by': by, 'seen': sent.seen, 'now': now}
    one: dict[str, Any] = {'rule': rule, 'after': value}
    after = drafting.change_rule(**one, **whose) if rule else drafting.replace_content(content=value, **whose)
    return Text(after, sent.text, after.edits, saved=after.edits != sent.seen)


def _wrong(sent: Text, rule: str, error: RuleError) -> Text:
    line = _line(sent.text, rule, error)
    lines = sent.text.splitlines()
    near = lines[line - 1].strip()[:120] if 0 < line <= len(lines) else ''
    return Text(sent.rule_set, sent.text, sent.seen, in_words(error.what), in_words(error.where), line, near)


def _line(text: str, rule: str, error: RuleError) -> int:
    """YAML's own errors name line and column; the rule language's errors name a place, which stands in a line."""
    if found := _LINE.match(error.place):
        return int(found[1])
    if not error.steps and error.place:
        return 0
    if not rule:
        return line_at(text, error.steps)
    # Another rule of the draft can be wrong too, by a catalogue that has changed: that stands in no line of this text.
    is_here = error.steps[:2] == ('rules', rule)
    return line_at(text, error.steps[2:]) if is_here else 0
