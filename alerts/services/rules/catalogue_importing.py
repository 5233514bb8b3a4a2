"""A file of symptoms beside the catalogue of now: what it would change, who may do that, and doing it, all or nothing."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import Catalogue, RuleError
from alerts.engine.sentences import AlreadyTold, Sentence
from alerts.models import RuleSet
from alerts.queries.rules.readers import IN_USE
from alerts.services.rules.catalogue_text import (
    BY_FIELD,
    LISTS,
    Given,
    catalogue_text,
    current_versions,
    given_of,
    read_catalogue,
)
from alerts.services.rules.checking import as_they_were
from alerts.services.rules.importing import telling_the_line
from clinic.models import User
from diary.catalogue import engine_mapping
from diary.models import Symptom, SymptomVersion
from diary.scales import Levels, levels_changed
from diary.services.symptoms import CatalogueError, check_version, publish_version, readers_of, retire, revive

_WHAT = {
    'name': gettext_lazy('name'),
    'short': gettext_lazy('in a sentence'),
    'search': gettext_lazy('other words to find it by'),
    'group': gettext_lazy('group'),
    'question': gettext_lazy('question'),
    'help': gettext_lazy('help'),
    'levels': gettext_lazy('word of level %(key)s'),
    'level_notes': gettext_lazy('what level %(key)s means'),
    'fields': gettext_lazy('question of %(key)s'),
    'field_help': gettext_lazy('help of %(key)s'),
    'units': gettext_lazy('unit of %(key)s'),
}


@dataclass(frozen=True)
class Said:
    """One thing that is said otherwise; `where` is the language and what it is, both sides are text."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class SymptomChange:
    """One symptom that the file changes. `for_server` says what of it only whoever runs the server may do."""

    code: str
    given: Given
    before: SymptomVersion | None
    said: tuple[Said, ...] = ()
    fields_added: tuple[str, ...] = ()
    for_server: tuple[str, ...] = ()
    readers: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        return str(self.given['words']['en']['name'])

    @property
    def retires(self) -> bool:
        return bool(self.given['retired']) and (self.before is None or self.before.symptom.retired_at is None)

    @property
    def revives(self) -> bool:
        return not self.given['retired'] and self.before is not None and self.before.symptom.retired_at is not None

    @property
    def asks_scale(self) -> bool:
        return self.before is not None and levels_changed(self.before.words, self.given['words'])


@dataclass(frozen=True)
class Plan:
    """`beside` is the fingerprint of what the file was compared with: the catalogue, and the rules that read what it retires."""

    changes: tuple[SymptomChange, ...]
    kept: int
    beside: str

    @property
    def for_server(self) -> bool:
        return any(change.for_server for change in self.changes)

    @property
    def retires(self) -> bool:
        return any(change.retires for change in self.changes)


class NotYours(Exception):
    """The file does what only whoever runs the server may do."""


def plan_of(text: str) -> Plan:
    """Raises RuleError, with the line, for a file that cannot be used."""
    versions = current_versions()
    with telling_the_line(text):
        given = read_catalogue(text)
        changes = [change for code, each in given.items() for change in _change(code, each, versions.get(code))]
    readers = [line for change in changes for line in change.readers]
    beside = hashlib.sha256('\n'.join([catalogue_text(versions), *readers]).encode()).hexdigest()
    return Plan(tuple(changes), len(versions) - sum(change.before is not None for change in changes), beside)


def import_catalogue(*, text: str, levels: Mapping[str, Levels | None], by: User, now: datetime) -> Plan:
    """Do what the file says; `levels` gives, by symptom, what old levels are worth where their words change (None: they cannot
    be compared). Raises RuleError, NotYours, KeyError for a missing answer; then nothing is changed."""
    with transaction.atomic():
        plan = plan_of(text)
        if plan.for_server and not by.is_superuser:
            raise NotYours
        last = Symptom.objects.order_by('position').last()
        for place, change in enumerate(plan.changes, 1):
            worth = levels[change.code] if change.asks_scale else None
            _apply(change, worth, position=(last.position if last else 0) + place, by=by, now=now)
        _check_rules_in_use()
    return plan


def _change(code: str, given: Given, before: SymptomVersion | None) -> Iterator[SymptomChange]:
    was = given_of(before) if before else None
    if was == given:
        return
    _check(code, given, before)
    change = SymptomChange(code, given, before)
    yield SymptomChange(
        code,
        given,
        before,
        tuple(_said(was, given)) if was else (),
        tuple(name for name in given['answers'] if was and name not in was['answers']),
        tuple(_for_server(change, was)),
        tuple(readers_of(code)) if change.retires and before else (),
    )


def _check(code: str, given: Given, before: SymptomVersion | None) -> None:
    if before and (lost := before.words.keys() - given['words'].keys()):
        problem = Sentence('the words in {languages} are missing', languages=', '.join(sorted(lost)))
        raise RuleError(f'symptoms.{code}.words', problem)
    kept = {'answers': given['answers'], 'words': given['words'], 'facts': given['facts']}
    try:
        check_version(code, **kept, before=before.answers if before else {})
    except CatalogueError as error:
        raise RuleError(f'symptoms.{code}', AlreadyTold(str(error).removeprefix(f'{code}: '))) from None


def _for_server(change: SymptomChange, was: Given | None) -> Iterator[str]:
    if was is None:
        yield _('a new symptom')
        return
    if change.retires:
        yield _('it is retired')
    if change.revives:
        yield _('it is asked again')
    if any(change.given['answers'][name] != takes for name, takes in was['answers'].items()):
        yield _('what counts as plausible')
    if (change.given['facts'], change.given['group']) != (was['facts'], was['group']):
        yield _('the facts that rules read, or the group')


def _said(was: Given, given: Given) -> Iterator[Said]:
    for language, block in given['words'].items():
        old = was['words'].get(language, {})
        for name, after in block.items():
            before = old.get(name, type(after)())
            if name in LISTS:
                pairs = {str(n): (before[n] if n < len(before) else '', each) for n, each in enumerate(after)}
            elif name in BY_FIELD:
                pairs = {key: (before.get(key, ''), after.get(key, '')) for key in {**before, **after}}
            else:
                pairs = {'': (before, after)}
            for key, (left, right) in pairs.items():
                if left != right:
                    yield Said(_where(language, name, key), left, right)


def _where(language: str, name: str, key: str) -> str:
    """Such as “English · what level 3 means”."""
    tongue = str(dict(settings.LANGUAGES).get(language, language))
    return f'{tongue} · {_WHAT[name] % {"key": key}}'


def _apply(change: SymptomChange, worth: Levels | None, *, position: int, by: User, now: datetime) -> None:
    symptom = change.before.symptom if change.before else Symptom.objects.create(code=change.code, position=position)
    content = {key: change.given[key] for key in ('group', 'answers', 'words', 'facts')}
    if change.before is None or content != {key: given_of(change.before)[key] for key in content}:
        publish_version(symptom=symptom, **content, levels=worth, by=by, now=now)
    if change.retires:
        retire(symptom=symptom, by=by, now=now)
    if change.revives:
        revive(symptom=symptom)


def _check_rules_in_use() -> None:
    """A limit of a rule that no answer can meet any more would stop the whole rule set: then the catalogue is not changed."""
    catalogue = Catalogue.parse(engine_mapping())
    for rule_set in RuleSet.objects.filter(status__in=IN_USE):
        try:
            as_they_were(rule_set.content, catalogue)
        except RuleError as error:
            problem = Sentence('the rules {rules} could not be read any more: {why}', rules=str(rule_set), why=error)
            raise RuleError('', problem) from None
