"""A gathered diary as a FHIR R4 Bundle (type collection), and out of it again.

Each resource says in FHIR's own fields what FHIR has a place for, and carries the whole record, as canonical JSON, in one extension
(`RECORD`): reading back uses that alone, so nothing is lost in translation. Ids are UUIDs that follow from what they name.
"""

import base64
import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from diary.catalogue import CatalogueView, SymptomSpec
from diary.export.codes import OWN, facts_of, quantity, symptom_concept, vital_concept
from diary.export.gathered import Gathered, canonical
from diary.fields import SEVERITY, FieldKind
from diary.legible import legible

RECORD, FORMAT = f'{OWN}:record', 2
FORMATS = (1, FORMAT)  # the first form had no photos
LISTS = ('baselines', 'contexts', 'pauses', 'visits', 'questions')
Resource = dict[str, Any]
# The JPEG of a photo, by the photo's id.
PictureOf = Callable[[str], bytes]


class NotOurBundleError(ValueError):
    """A file that is no export of a diary, or of a later form than this program knows."""


def bundle_text(found: Gathered, catalogue: CatalogueView, picture_of: PictureOf) -> Iterator[str]:
    """The Bundle as canonical JSON, in pieces: a diary may have more pictures than fit into memory.

    Observations are of what counts now; QuestionnaireResponses of every revision; the photos come last. The rest is made at once.
    """
    writer = _Writer(found, catalogue)
    made = [_placed(resource) for resource in writer.resources()]
    own = uuid.uuid5(uuid.UUID(found['patient']['id']), 'bundle')
    end = canonical({'id': str(own), 'resourceType': 'Bundle', 'type': 'collection'})
    photos = (f',{_placed(writer.photo(photo, picture_of(photo["id"])))}' for photo in found['photos'])
    return itertools.chain(['{"entry":[', ','.join(made)], photos, ['],', end[1:]])


def _placed(resource: Resource) -> str:
    return canonical({'fullUrl': f'urn:uuid:{resource["id"]}', 'resource': resource})


def bundle_of(found: Gathered, catalogue: CatalogueView, picture_of: PictureOf | None = None) -> Resource:
    """The whole Bundle in memory. A diary with photos needs `picture_of`."""
    made: Resource = json.loads(''.join(bundle_text(found, catalogue, picture_of or _nothing)))
    return made


def _nothing(photo: str) -> bytes:
    raise LookupError(photo)


def gathered_of(bundle: Any) -> Gathered:
    """What `bundle_of` was made from. Raises NotOurBundleError."""
    try:
        records = [record for entry in bundle['entry'] for record in _records(entry['resource'])]
        [head] = [record for kind, record in records if kind == 'head']
    except (KeyError, TypeError, ValueError) as error:
        raise NotOurBundleError('This file is no diary that Vigil has exported.') from error
    if head.get('format') not in FORMATS:
        raise NotOurBundleError(f'This diary is of form {head.get("format")}; this Vigil reads forms up to {FORMAT}.')
    lists = {name: [r for kind, r in records if kind == name] for name in (*LISTS, 'courses', 'entries', 'photos')}
    return {'patient': head['patient'], 'people': head['people'], 'versions': head['versions'], **lists}


def pictures_of(bundle: Any) -> dict[str, bytes]:
    """The JPEGs of its photos, by the photos' ids. Raises NotOurBundleError."""
    try:
        media = [entry['resource'] for entry in bundle['entry'] if entry['resource']['resourceType'] == 'Media']
        return {one['id']: base64.b64decode(one['content']['data'], validate=True) for one in media}
    except (KeyError, TypeError, ValueError) as error:
        raise NotOurBundleError('A photo of this file cannot be read.') from error


def _records(resource: Resource) -> Iterator[tuple[str, Any]]:
    for extension in resource.get('extension', []):
        if extension['url'] == RECORD:
            kind, record = json.loads(extension['valueString'])
            yield kind, record


class _Writer:
    def __init__(self, found: Gathered, catalogue: CatalogueView) -> None:
        self.found, self.catalogue, self.facts = found, catalogue, facts_of()
        self.names = {person['key']: person['name'] for person in found['people']}
        self.space = uuid.UUID(found['patient']['id'])
        self.subject = {'reference': f'urn:uuid:{self.space}'}
        self.last = {entry['id']: entry['revisions'][-1]['number'] for entry in found['entries']}

    def resources(self) -> Iterator[Resource]:
        yield self.patient()
        for course in self.found['courses']:
            yield from self.course(course)
        for name in LISTS:
            for n, record in enumerate(self.found[name]):
                yield self.listed(name, n, record)
        for entry in self.found['entries']:
            yield from self.entry(entry)

    def own_id(self, *parts: object) -> str:
        return str(uuid.uuid5(self.space, '/'.join(map(str, parts))))

    def patient(self) -> Resource:
        own = self.found['patient']
        head = {key: self.found[key] for key in ('patient', 'people', 'versions')} | {'format': FORMAT}
        made = {
            'resourceType': 'Patient',
            'id': own['id'],
            'extension': _record('head', head),
            'identifier': [{'system': f'{OWN}:record-number', 'value': own['record_number']}],
            'name': [{'text': own['name']}],
        }
        return made | ({'birthDate': own['birth_date']} if own['birth_date'] else {})

    # -- treatment ------------------------------------------------------------------------------------------------------

    def course(self, course: Gathered) -> Iterator[Resource]:
        period = {'start': course['starts_on'], 'end': course['stopped_on']}
        yield {
            'resourceType': 'CarePlan',
            'id': course['id'],
            'extension': _record('courses', course),
            'status': 'revoked' if course['stopped_on'] else 'active',
            'intent': 'plan',
            'title': course['agent'] or course['therapy'],
            'subject': self.subject,
            'period': {key: value for key, value in period.items() if value},
        }
        for n, dose in enumerate(course['doses']):
            yield self.dose(course, n, dose)

    def dose(self, course: Gathered, n: int, dose: Gathered) -> Resource:
        made = {
            'resourceType': 'MedicationAdministration',
            'id': self.own_id('dose', course['id'], n),
            'status': 'entered-in-error' if dose['withdrawn'] else 'completed',
            'medicationCodeableConcept': {'text': course['agent'] or course['therapy']},
            'subject': self.subject,
            'effectiveDateTime': dose['given_at'],
        }
        return made | ({'dosage': {'text': dose['amount']}} if dose['amount'] else {})

    def listed(self, name: str, n: int, record: Gathered) -> Resource:
        base = {'id': self.own_id(name, n), 'extension': _record(name, record)}
        if name in ('pauses', 'visits', 'questions'):
            code = {'coding': [{'system': f'{OWN}:note', 'code': name}]}
            return {
                'resourceType': 'Basic',
                **base,
                'code': code,
                'subject': self.subject,
                'created': record['at'][:10],
            }
        observed = self.baseline(record) if name == 'baselines' else _context(record)
        status = 'entered-in-error' if record['withdrawn'] else 'final'
        return {'resourceType': 'Observation', **base, 'status': status, 'subject': self.subject, **observed}

    def baseline(self, record: Gathered) -> Resource:
        spec = self.catalogue.measurements.get(record['kind'])
        value = quantity(float(record['value']), spec.field.unit if spec else 'count')
        code = {'coding': [{'system': f'{OWN}:usual-value', 'code': record['kind']}], 'text': f'usual {record["kind"]}'}
        return {'code': code, 'effectiveDateTime': record['measured_at'], 'valueQuantity': value}

    # -- entries --------------------------------------------------------------------------------------------------------

    def entry(self, entry: Gathered) -> Iterator[Resource]:
        for place, revision in enumerate(entry['revisions']):
            yield self.response(entry, revision, whole=place == 0)
        yield from self.observations(entry)

    def response(self, entry: Gathered, revision: Gathered, *, whole: bool) -> Resource:
        """The first revision's resource carries the entry whole."""
        readable = legible(revision['document'], self.catalogue).document
        made: Resource = {
            'resourceType': 'QuestionnaireResponse',
            'id': self.own_id('response', entry['id'], revision['number']),
            'identifier': {'system': f'{OWN}:entry', 'value': f'{entry["id"]}/{revision["number"]}'},
            'status': 'completed' if revision['number'] == 1 else 'amended',
            'subject': self.subject,
            'authored': revision['recorded_at'],
            'author': {'display': self.names[revision['by']]},
        }
        if whole:
            made['extension'] = _record('entries', entry)
        items = [*self.symptoms(readable), *self.measurements(readable)]
        return made | ({'item': items} if items else {})

    def photo(self, photo: Gathered, picture: bytes) -> Resource:
        """Of the entry as it counts now."""
        last = self.last[photo['entry']]
        content = {
            'contentType': 'image/jpeg',
            'data': base64.b64encode(picture).decode(),
            'size': len(picture),
            'creation': photo['at'],
        }
        return {
            'resourceType': 'Media',
            'id': photo['id'],
            'extension': _record('photos', photo),
            'partOf': [{'reference': f'urn:uuid:{self.own_id("response", photo["entry"], last)}'}],
            'status': 'completed',
            'type': {'coding': [{'system': 'http://terminology.hl7.org/CodeSystem/media-type', 'code': 'image'}]},
            'subject': self.subject,
            'createdDateTime': photo['at'],
            'reasonCode': [{'coding': [{'system': f'{OWN}:symptom', 'code': photo['symptom']}]}],
            'height': photo['height'],
            'width': photo['width'],
            'content': content,
        }

    def symptoms(self, document: Gathered) -> Iterator[Resource]:
        for code, answer in sorted(document['answers'].items()):
            spec = self.catalogue.version(code, answer['version'])
            values = answer['values'].items()
            answers = [_item(spec, code, name, value) for name, value in sorted(values) if name in spec.fields]
            made = {'linkId': f'{code}/{answer["version"]}', 'text': spec.name}
            yield made | ({'item': answers} if answers else {})

    def measurements(self, document: Gathered) -> Iterator[Resource]:
        for code, measured in sorted(document['measurements'].items()):
            spec = self.catalogue.measurements[code]
            value = {'valueQuantity': quantity(measured['value'], spec.field.unit)}
            yield {'linkId': f'm/{code}', 'text': spec.name, 'answer': [value]}

    def observations(self, entry: Gathered) -> Iterator[Resource]:
        last = entry['revisions'][-1]
        document = legible(last['document'], self.catalogue).document
        base = {
            'resourceType': 'Observation',
            'status': 'final' if last['number'] == 1 else 'amended',
            'subject': self.subject,
            'effectiveDateTime': entry['about_at'],
            'derivedFrom': [{'reference': f'urn:uuid:{self.own_id("response", entry["id"], last["number"])}'}],
        }
        for code, answer in sorted(document['answers'].items()):
            spec = self.catalogue.version(code, answer['version'])
            concept = symptom_concept(code, self.facts[code, answer['version']])
            yield {
                **base,
                'id': self.own_id('felt', entry['id'], code),
                'code': concept,
                **_felt(spec, answer['values']),
            }
            if 'celsius' in answer['values']:
                value = quantity(answer['values']['celsius'], 'C')
                own = {
                    'id': self.own_id('celsius', entry['id'], code),
                    'code': vital_concept('celsius', 'Body temperature'),
                }
                yield {**base, **own, 'category': VITAL, 'valueQuantity': value}
        for code, measured in sorted(document['measurements'].items()):
            kind = self.catalogue.measurements[code]
            own = {'id': self.own_id('measured', entry['id'], code), 'code': vital_concept(code, kind.name)}
            yield {**base, **own, 'category': VITAL, 'valueQuantity': quantity(measured['value'], kind.field.unit)}


VITAL = [
    {
        'coding': [
            {'system': 'http://terminology.hl7.org/CodeSystem/observation-category', 'code': 'vital-signs'},
        ]
    }
]


def _record(kind: str, record: Any) -> list[Resource]:
    return [{'url': RECORD, 'valueString': canonical([kind, record])}]


def _context(record: Gathered) -> Resource:
    period = {'start': record['from_at'], 'end': record['until_at']}
    return {
        'code': {'coding': [{'system': f'{OWN}:context', 'code': record['code']}], 'text': record['code']},
        'effectivePeriod': {key: value for key, value in period.items() if value},
        'valueBoolean': True,
    }


def _felt(spec: SymptomSpec, values: Gathered) -> Resource:
    """How bad, in the words that were answered; only that it is there where no severity was told."""
    level = values.get(SEVERITY)
    if level is None:
        return {'valueBoolean': spec.reported(values)}
    coding = {'system': f'{OWN}:severity', 'code': str(level), 'display': spec.levels[level].word}
    return {'valueCodeableConcept': {'coding': [coding]}}


def _item(spec: SymptomSpec, code: str, name: str, value: Any) -> Resource:
    kind, unit = spec.fields[name].kind, spec.fields[name].unit
    if kind is FieldKind.SEVERITY:
        answer: Resource = {
            'valueCoding': {'system': f'{OWN}:severity', 'code': str(value), 'display': spec.levels[value].word}
        }
    elif kind is FieldKind.YES:
        answer = {'valueBoolean': value}
    elif kind is FieldKind.TEXT:
        answer = {'valueString': value}
    else:
        answer = {'valueQuantity': quantity(value, unit)}
    return {'linkId': f'{code}/{name}', 'text': spec.fields[name].question or spec.name, 'answer': [answer]}
