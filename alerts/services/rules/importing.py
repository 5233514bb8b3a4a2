"""A whole rule set from a file: read strictly, looked at before anything is stored, then a new draft."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from alerts.engine import RuleError
from alerts.engine import RuleSet as Rules
from alerts.engine.sentences import Sentence
from alerts.models import RuleSet
from alerts.plain_yaml import line_of
from alerts.services.rules.checking import read_rules
from alerts.services.rules.drafting import begin, replace_content
from alerts.services.rules.texts import rules_as_text, text_as_rules
from clinic.models import Clinic, User

MOST_RULES = 1_000


@dataclass(frozen=True)
class RulesFile:
    """A file that can be read: its mapping, and the rules that it means."""

    content: dict[str, Any]
    rules: Rules


def export(rule_set: RuleSet, *, whose: str) -> str:
    """The rules as a file: the same rules are always the same text. No person is named in it."""
    head = f"""# Rules of {one_line(whose)}: {one_line(rule_set.title)}
# Version {rule_set.version}, {rule_set.status}
# SHA-256 {rule_set.digest}
# Lines that begin with # are for people; an import reads the rest.
"""
    return head + rules_as_text(rule_set.content)


def read_file(text: str) -> RulesFile:
    """Raises RuleError, with the place and the line, for what cannot be used as a rule set."""
    content = text_as_rules(text)
    with telling_the_line(text):
        rules = content.get('rules')
        if isinstance(rules, dict) and len(rules) > MOST_RULES:
            raise RuleError('rules', Sentence('{n:,} rules; at most {most:,} are read', n=len(rules), most=MOST_RULES))
        return RulesFile(content, read_rules(content))


@contextmanager
def telling_the_line(text: str) -> Iterator[None]:
    """A RuleError from inside says in which line of `text` its place is, too."""
    try:
        yield
    except RuleError as error:
        line = line_of(text, error.place) if error.place else None
        if line is None:
            raise
        raise error.moved(Sentence('line {line}, {place}', line=line, place=error.where)) from None


def import_rules(*, clinic: Clinic, by: User, text: str, title: str, why: str, now: datetime) -> RuleSet:
    """A new draft with the rules of the file, read again. Raises RuleError, and then nothing is stored."""
    file = read_file(text)
    with transaction.atomic():
        draft = begin(clinic=clinic, by=by, title=title, why=why, now=now)
        return replace_content(draft=draft, content=file.content, by=by, seen=draft.edits, now=now, note=why)


def one_line(text: str) -> str:
    """In one line: nothing that stands in a comment may end it."""
    return ' '.join(text.split())
