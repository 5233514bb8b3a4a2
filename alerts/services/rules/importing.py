"""A whole rule set from a file: read strictly, looked at before anything is stored, then a new draft."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction

from alerts.engine import RuleError
from alerts.engine import RuleSet as Rules
from alerts.models import RuleSet
from alerts.plain_yaml import line_of
from alerts.services.rules.checking import read_rules
from alerts.services.rules.drafting import begin, replace_content
from alerts.services.rules.texts import rules_as_text, text_as_rules
from clinic.models import Clinic, User

MOST_RULES = 1_000
# What was shown can be kept for an hour. Then the clinic's rules, or the person's rights, may be others.
KEPT_SECONDS = 3_600
_SALT = 'alerts.rules.importing'


@dataclass(frozen=True)
class RulesFile:
    """A file that can be read: its mapping, and the rules that it means."""

    content: dict[str, Any]
    rules: Rules


class NotAsShown(Exception):
    """What is to be kept is not what this person was shown, was shown too long ago, or other rules came into force meanwhile."""


def export(rule_set: RuleSet, *, whose: str) -> str:
    """The rules as a file: the same rules are always the same text. No person is named in it."""
    head = f"""# Rules of {_line(whose)}: {_line(rule_set.title)}
# Version {rule_set.version}, {rule_set.status}
# SHA-256 {rule_set.digest}
# Lines that begin with # are for people; an import reads the rest.
"""
    return head + rules_as_text(rule_set.content)


def read_file(text: str) -> RulesFile:
    """Raises RuleError, with the place and the line, for what cannot be used as a rule set."""
    content = text_as_rules(text)
    try:
        rules = content.get('rules')
        if isinstance(rules, dict) and len(rules) > MOST_RULES:
            raise RuleError('rules', f'{len(rules):,} rules; at most {MOST_RULES:,} are read')
        return RulesFile(content, read_rules(content))
    except RuleError as error:
        line = line_of(text, error.place)
        raise RuleError(f'line {line}, {error.place}' if line and error.place else error.place, error.problem) from None


def seal(text: str, *, by: User, clinic: Clinic, in_force: RuleSet) -> str:
    """The text with what it was compared with, signed: the page keeps it until the person says yes."""
    shown = {'text': text, 'by': by.pk, 'clinic': clinic.pk, 'in_force': in_force.digest}
    return signing.dumps(shown, salt=_SALT, compress=True)


def unseal(sealed: str, *, by: User, clinic: Clinic, in_force: RuleSet) -> str:
    """The text. Raises NotAsShown."""
    try:
        shown = signing.loads(sealed, salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        raise NotAsShown from None
    if (shown['by'], shown['clinic'], shown['in_force']) != (by.pk, clinic.pk, in_force.digest):
        raise NotAsShown
    return str(shown['text'])


def import_rules(*, clinic: Clinic, by: User, text: str, title: str, why: str, now: datetime) -> RuleSet:
    """A new draft with the rules of the file, read again. Raises RuleError, and then nothing is stored."""
    file = read_file(text)
    with transaction.atomic():
        draft = begin(clinic=clinic, by=by, title=title, why=why, now=now)
        return replace_content(draft=draft, content=file.content, by=by, seen=draft.edits, now=now, note=why)


def _line(text: str) -> str:
    """In one line: nothing that stands in a comment may end it."""
    return ' '.join(text.split())
