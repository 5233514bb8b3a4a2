"""Publishing the catalogue: symptoms as immutable versions, measurements, therapies and their agents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import User
from diary.catalogue import FALLBACK, only_for
from diary.fields import LEVELS, SEVERITY, FieldError, FieldKind, parse_field
from diary.models import Agent, MeasurementKind, Symptom, SymptomVersion, Therapy
from diary.scales import as_map, checked, levels_changed
from diary.signals import symptom_retiring

WORDS = Path(__file__).parent.parent / 'clinical' / 'words.yaml'


class CatalogueError(ValueError):
    """The catalogue or its words do not fit; the message says where."""


def words_mapping() -> dict[str, Any]:
    """The project's own words, from diary/clinical/words.yaml."""
    mapping: dict[str, Any] = yaml.load(WORDS.read_text(encoding='utf-8'), Loader=yaml.CSafeLoader)
    return mapping


def load_catalogue(*, mapping: Mapping[str, Any], words: Mapping[str, Any], now: datetime) -> None:
    """Make the stored catalogue that of `mapping` (the shape of catalogue.yaml), in `words` (the shape of words.yaml).

    What did not change since it was last loaded stays, in an admin's words where she has published her own since
    (docs/decisions/0005); a changed wording becomes a new version; a symptom that `mapping` no longer names is retired, one that
    it names again comes back. One that a person retired, revived or added stays as she left it (docs/decisions/0032).
    Raises CatalogueError, and then nothing is changed.
    """
    usual = words['therapies']
    languages = {language: block for language, block in words.items() if language != 'therapies'}
    with transaction.atomic():
        _load_therapies(mapping['therapies'], usual, known=mapping['symptoms'])
        symptoms = _load_symptoms(list(mapping['symptoms']), now=now)
        rows = list(SymptomVersion.objects.order_by('symptom', 'number'))
        latest = {row.symptom_id: row for row in rows}
        loaded = {row.symptom_id: row for row in rows if row.created_by_id is None}
        wanted = [
            _next(
                symptoms[code],
                latest.get(symptoms[code].pk),
                unless_said_by=loaded.get(symptoms[code].pk),
                group=given['group'],
                answers=_written(given['answers']),
                words={language: _symptom_words(code, given, block) for language, block in languages.items()},
                facts={key: value for key, value in given.items() if key not in ('name', 'group', 'answers')},
            )
            for code, given in mapping['symptoms'].items()
        ]
        new = [version for version in wanted if version.pk is None]
        for version in new:
            version.created_at = now
        SymptomVersion.objects.bulk_create(new)
        _load_measurements(mapping['measurements'], languages)


def publish_version(
    *,
    symptom: Symptom,
    group: str,
    answers: Mapping[str, str],
    words: Mapping[str, Any],
    facts: Mapping[str, Any],
    now: datetime,
    by: User | None = None,
    levels: Sequence[int] | None = None,
) -> SymptomVersion:
    """The version with this wording: the latest when nothing changed, else a new one. Versions are never changed.

    Fields may be added, not removed or retyped (docs/decisions/0004). The name is the English one. Where the words of the levels
    changed, `levels` says what each old level is worth now; without it old answers and new ones are not compared
    (docs/decisions/0032). Raises CatalogueError.
    """
    with transaction.atomic():
        Symptom.objects.select_for_update().get(pk=symptom.pk)  # two admins publish one after the other
        latest = symptom.versions.order_by('number').last()
        version = _next(
            symptom,
            latest,
            unless_said_by=latest,
            group=group,
            answers=answers,
            words=words,
            facts=facts,
            levels=levels,
        )
        if version.pk is None:
            version.created_by, version.created_at = by, now
            version.save()
    return version


def readers_of(code: str) -> list[str]:
    """What reads the symptom, a line each, as those say who listen to `symptom_retiring`."""
    answers = symptom_retiring.send(sender=Symptom, code=code)
    return [line for _receiver, lines in answers for line in lines or ()]


def retire(*, symptom: Symptom, by: User, now: datetime) -> None:
    """Ask it no longer. Old entries keep it, and rules can still read them. Retired already, it stays as it is."""
    Symptom.objects.filter(pk=symptom.pk, retired_at=None).update(retired_at=now, retired_by=by)


def revive(*, symptom: Symptom) -> None:
    """Ask it again."""
    Symptom.objects.filter(pk=symptom.pk).update(retired_at=None, retired_by=None)


def _next(
    symptom: Symptom,
    latest: SymptomVersion | None,
    *,
    unless_said_by: SymptomVersion | None,
    group: str,
    answers: Mapping[str, str],
    words: Mapping[str, Any],
    facts: Mapping[str, Any],
    levels: Sequence[int] | None = None,
) -> SymptomVersion:
    """`latest` when `unless_said_by` says just this already, else the version after it, not stored yet."""
    check_version(symptom.code, answers=answers, words=words, facts=facts, before=latest.answers if latest else {})
    name = words[FALLBACK]['name']
    content = {'name': name, 'group': group, 'answers': dict(answers), 'words': dict(words), 'facts': dict(facts)}
    said = unless_said_by
    if latest is not None and said is not None and all(getattr(said, key) == value for key, value in content.items()):
        return latest
    number, scale, level_map = _follows(latest, words, levels)
    return SymptomVersion(symptom=symptom, number=number, scale=scale, level_map=level_map, **content)


def _follows(
    latest: SymptomVersion | None, words: Mapping[str, Any], levels: Sequence[int] | None
) -> tuple[int, int, dict[str, int] | None]:
    """The number, the scale and the map of the version after `latest`."""
    if latest is None:
        return 1, 1, None
    if not levels_changed(latest.words, words):
        return latest.number + 1, latest.scale, None
    if levels is None:
        return latest.number + 1, latest.scale + 1, None
    try:
        return latest.number + 1, latest.scale, as_map(checked(levels))
    except ValueError as error:
        raise CatalogueError(f'{latest.symptom.code}: {error}') from error


def _load_symptoms(codes: list[str], *, now: datetime) -> dict[str, Symptom]:
    """The symptoms by code, in this order. Those that the files name anew come back, those that they leave out retire."""
    Symptom.objects.bulk_create([Symptom(code=code) for code in codes], ignore_conflicts=True)
    rows = {row.code: row for row in Symptom.objects.select_for_update()}
    for code in rows.keys() - set(codes):
        _left_out(rows[code], now=now)
    for position, code in enumerate(codes):
        _named(rows[code], position)
    Symptom.objects.bulk_update(rows.values(), ['position', 'in_files', 'retired_at', 'retired_by'])
    return rows


def _named(row: Symptom, position: int) -> None:
    if not row.in_files:
        row.retired_at = row.retired_by = None
    row.position, row.in_files = position, True


def _left_out(row: Symptom, *, now: datetime) -> None:
    if row.in_files and row.retired_at is None:
        row.retired_at = now
    row.in_files = False


def check_version(
    code: str,
    *,
    answers: Mapping[str, Any],
    words: Mapping[str, Any],
    facts: Mapping[str, Any],
    before: Mapping[str, Any],
) -> None:
    """Raise CatalogueError unless this wording can follow one with the fields `before`, and says all it must."""
    kinds = _kinds(code, answers)
    for name, kind in _kinds(code, before).items():
        if name not in kinds:
            problem = _('the field %(name)s cannot be taken away, entries have answered it')
            raise CatalogueError(f'{code}: {problem % {"name": name}}')
        if kinds[name] != kind:
            problem = _('the field %(name)s cannot become another kind or unit, entries have answered it')
            raise CatalogueError(f'{code}: {problem % {"name": name}}')
    if FALLBACK not in words:
        raise CatalogueError(f'{code}: ' + _('English words are missing'))
    for language, block in words.items():
        _check_words(f'{code} ({language})', block, kinds)
    if text := facts.get('only_for'):
        try:
            only_for(text, dict(Therapy.objects.values_list('name', 'code')))
        except ValueError as error:
            raise CatalogueError(f'{code}: only_for: {error}') from error


def _kinds(code: str, answers: Mapping[str, Any]) -> dict[str, tuple[FieldKind, str]]:
    try:
        fields = [parse_field(name, notation) for name, notation in answers.items()]
    except FieldError as error:
        raise CatalogueError(f'{code}: {error}') from error
    return {field.name: (field.kind, field.unit) for field in fields}


def _check_words(place: str, words: Mapping[str, Any], kinds: Iterable[str]) -> None:
    wanted = set(kinds) - {SEVERITY}
    if not words.get('name') or not words.get('question'):
        raise CatalogueError(f'{place}: ' + _('a name and a question are needed'))
    if set(words.get('fields', {})) != wanted:
        problem = _('questions are needed for exactly %(fields)s') if wanted else _('questions are needed for no field')
        raise CatalogueError(f'{place}: {problem % {"fields": ", ".join(sorted(wanted))}}')
    levels = LEVELS if SEVERITY in set(kinds) else 0
    if len(words.get('levels', [])) != levels or len(words.get('level_notes', [])) != levels:
        problem = _('%(n)s level words with their notes are needed') % {'n': levels}
        raise CatalogueError(f'{place}: {problem}')


def _written(answers: Mapping[str, Any]) -> dict[str, str]:
    """YAML reads a bare yes as true; it is stored as the word."""
    return {name: 'yes' if notation is True else str(notation) for name, notation in answers.items()}


def _symptom_words(code: str, given: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    try:
        words, group = block['symptoms'][code], block['groups'][given['group']]
    except KeyError as error:
        raise CatalogueError(f'{code}: words are missing for {error}') from error
    fields = {
        name: {'question': text} if isinstance(text, str) else text for name, text in words.get('fields', {}).items()
    }
    notes = words.get('levels', [])
    return {
        'name': words['name'],
        'short': words.get('short', words['name']),
        'search': words.get('search', ''),
        'group': group,
        'question': words['question'],
        'help': words.get('help', ''),
        'levels': block['level_words'] if notes else [],
        'level_notes': notes,
        'fields': {name: field['question'] for name, field in fields.items()},
        'field_help': {name: field['help'] for name, field in fields.items() if 'help' in field},
        'units': {name: field['unit'] for name, field in fields.items() if 'unit' in field},
    }


def _load_therapies(given: Mapping[str, Any], usual: Mapping[str, Any], *, known: Iterable[str]) -> None:
    for code, facts in given.items():
        symptoms = usual.get(code, {}).get('usual', [])
        if unknown := set(symptoms) - set(known):
            raise CatalogueError(f'{code}: unknown usual symptoms {", ".join(sorted(unknown))}')
        defaults = {'name': facts['name'], 'seen_in': facts.get('seen_in', []), 'usual_symptoms': symptoms}
        therapy, _created = Therapy.objects.update_or_create(code=code, defaults=defaults)
        for name in facts.get('examples', []):
            Agent.objects.update_or_create(name=name, defaults={'therapy': therapy})


def _load_measurements(given: Mapping[str, Any], languages: Mapping[str, Any]) -> None:
    for position, (code, facts) in enumerate(given.items()):
        words = {language: block['measurements'][code] for language, block in languages.items()}
        low, high = str(facts['range']).split('-')
        MeasurementKind.objects.update_or_create(
            code=code,
            defaults={
                'position': position,
                'name': words[FALLBACK]['name'],
                'words': words,
                'unit': facts['unit'],
                'also': facts.get('also', ''),
                'low': Decimal(low),
                'high': Decimal(high),
                'has_baseline': facts.get('baseline', False),
            },
        )
