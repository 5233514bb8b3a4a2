"""The pack: all that a phone needs to say without a network what to do now (docs/offline-advice.md). static/js/offline/ reads it.

It fails closed: where the rules cannot be had, the pack still has the numbers, and the phone says "not checked".
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.templatetags.static import static
from django.utils.translation import get_language

from alerts.engine import EntryFacts
from alerts.engine.hours import Hours
from alerts.engine.portable import (
    micros,
    plain_number,
    portable_catalogue,
    portable_entry,
    portable_patient,
    portable_rules,
    pressing_rules,
)
from alerts.engine.program import MISFITS
from alerts.facts import History, history_of
from alerts.models import RuleSet
from alerts.people.watch import Watch, hours_of
from alerts.programs import Compiled, compiled, compiled_aside
from alerts.queries.rules.in_force import rule_set_for
from alerts.queries.rules.set_aside import decisions
from alerts.words.answers import ONE, short_name, units_of
from alerts.words.offline import phones_of, words_of
from alerts.words.set_aside import decided_words
from alerts.words.titles import title_words
from clinic.models import Patient, User
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.fields import FieldSpec
from diary.models import PHOTO_SYMPTOMS
from diary.plausible import USUAL
from diary.queries import doses_of
from diary.queries_entries import last_measured
from diary.services.entries import DAYS_BACK
from diary.times import PARTS

log = logging.getLogger(__name__)
Plain = dict[str, Any]
VERSION = 1
WEIGHT = 'weight'


def pack_of(*, patient: Patient, user: User, now: datetime) -> Plain:
    """Plain data, in the language of the page. Instants are whole microseconds since 1970; numbers as the engine's own
    `portable` writes them."""
    view = current_catalogue()
    return {
        'version': VERSION,
        'user': str(user.pk),
        'patient': str(patient.public_id),
        'made_at': micros(now),
        'zone': patient.time_zone,
        'lang': get_language(),
        'icons': static('icons.svg'),
        'newest': max((spec.version_id for spec in view.versions.values()), default=0),
        'parts': {part: at.hour * 60 + at.minute for part, (_words, at) in PARTS.items()},
        'photos': sorted(PHOTO_SYMPTOMS),
        **_asked(patient, view),
        **_clinic(patient, now),
        **_words(patient, now),
        **_checked(patient, view, now),
    }


# -- the questions ------------------------------------------------------------------------------------------------------------


def _asked(patient: Patient, view: CatalogueView) -> Plain:
    units = units_of(patient)
    measured = {
        code: {**_field(spec.field), 'also': spec.also, 'name': spec.name} for code, spec in view.measurements.items()
    }
    return {'units': {'C': units.temperature, 'kg': units.weight}, 'measured': measured}


def _field(field: FieldSpec) -> Plain:
    found: Plain = {'kind': 'number' if field.kind.value == 'percent' else field.kind.value}
    if field.is_number:
        found |= {'unit': field.unit, 'low': plain_number(field.low)}
        if field.name in USUAL:
            found['usual'] = [plain_number(bound) for bound in USUAL[field.name]]
    if field.name in ONE:
        found['one'] = str(ONE[field.name])
    return found | {'high': plain_number(field.high), 'short': short_name(field)}


def _symptom(spec: SymptomSpec, engine: Plain) -> Plain:
    """What the rules read of it, and what the form asks."""
    fields = {name: {**_field(field), **engine['fields'][name]} for name, field in spec.fields.items()}
    only = spec.only_for
    return {
        'allergic': engine['allergic'],
        'fields': fields,
        'name': spec.name,
        'levels': [level.word.lower() for level in spec.levels],
        'retired': spec.retired,
        'only_for': [only.therapy, only.first, only.last] if only else None,
    }


# -- whom to phone ------------------------------------------------------------------------------------------------------------


def _clinic(patient: Patient, now: datetime) -> Plain:
    """The numbers of both: the phone chooses by the hours when the time comes."""
    clinic = patient.clinic
    return {
        'hours': {'zone': clinic.time_zone, 'open': [_stretch(one) for one in hours_of(clinic)]},
        'phones': {
            'open': phones_of(Watch(clinic, until=now, back_at=None)),
            'closed': phones_of(Watch(clinic, until=None, back_at=now)),
        },
    }


def _stretch(one: Hours) -> list[int]:
    opens, closes = (at.hour * 60 + at.minute for at in (one.opens, one.closes))
    return [one.weekday, opens, closes]


def _words(patient: Patient, now: datetime) -> Plain:
    dose = doses_of(patient).filter(given_at__lte=now).last()
    words = words_of(
        patient.clinic.emergency_number, last_dose=dose.given_at if dose else None, zone=ZoneInfo(patient.time_zone)
    )
    return {'words': words}


# -- the rules and what they ask ------------------------------------------------------------------------------------------------


def _checked(patient: Patient, view: CatalogueView, now: datetime) -> Plain:
    """Rules, catalogue and facts; without rules where they cannot be had: the phone then says so."""
    return _guarded('rules', patient, lambda: _rules(patient, rule_set_for(patient.clinic_id), view, now)) or {
        'rules': None
    }


def _guarded(what: str, patient: Patient, compute: Callable[[], Plain | None]) -> Plain | None:
    """None where it fails for any reason: the numbers to phone must reach the phone, whatever is broken."""
    try:
        with transaction.atomic():
            return compute()
    except Exception as error:  # noqa: BLE001  (fails closed; the error's own text may hold what a patient wrote)
        log.error('the pack of patient %s goes out without %s: %s', patient.pk, what, type(error).__name__)
        return None


def _rules(patient: Patient, rule_set: RuleSet, view: CatalogueView, now: datetime) -> Plain:
    program = compiled(rule_set)
    rules = pressing_rules(program.rules)
    written = portable_rules(rules, program.rules.macros)
    engine = portable_catalogue(program.rules.catalogue)
    return {
        **written,
        'titles': {rule.id: title_words(rule.id, rule.title) for rule in rules},
        'catalogue': {
            'symptoms': {code: _symptom(spec, engine['symptoms'][code]) for code, spec in view.symptoms.items()},
            'measurements': engine['measurements'],
        },
        'facts': _facts(patient, program, timedelta(microseconds=written['lookback']), now),
        'aside': _guarded('the rules set aside', patient, lambda: _aside(rule_set)),
    }


def _facts(patient: Patient, program: Compiled, lookback: timedelta, now: datetime) -> Plain:
    """Everything that an entry of now, or about one of the days that can still be filled in, may be compared with."""
    since = now - lookback - timedelta(days=DAYS_BACK + 1)
    history = _fitting(program, history_of(patient, since=since, until=None, scales=program.scales))
    known = portable_patient(history.patient)
    weight = last_measured(patient, [WEIGHT], before=since)
    return {
        'doses': known['doses'],
        'contexts': known['contexts'],
        'usual': [[name, micros(at), plain_number(value)] for name, at, value in history.usual],
        'last_weight': plain_number(weight[WEIGHT]) if weight else None,
        'entries': [_entry(history, entry) for entry in history.entries],
    }


def _fitting(program: Compiled, history: History) -> History:
    """Without the entries that the rules cannot read: as in services/finding.py, they are left out, not in the way."""
    try:
        program.program.evaluate(history.patient, history.entries)
    except MISFITS:
        return history.without(program.program.misfits(history.patient, history.entries))
    return history


def _entry(history: History, entry: EntryFacts) -> Plain:
    """With the names by which the phone knows it again: what it sent itself, and what is corrected."""
    row = history.revisions[entry.id].entry
    return {**portable_entry(entry), 'public': str(row.public_id), 'client': str(row.client_uuid)}


def _aside(rule_set: RuleSet) -> Plain | None:
    """The emergency rules that the clinic has set aside, as the shared rules have them, with the clinic's reasons."""
    if not rule_set.set_aside:
        return None
    rules, decided = compiled_aside(rule_set).rules, decisions(rule_set)
    notices: Mapping[str, Plain] = {
        name: {
            'title': title_words(name, rules.rules[name].title),
            'reason': reason,
            'decided': decided_words(decided[name], rule_set),
        }
        for name, reason in rule_set.set_aside.items()
        if name in rules.rules
    }
    return {**portable_rules(rules.rules.values(), rules.macros), 'notices': notices}
