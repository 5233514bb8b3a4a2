"""Codes of other systems. Only what is certain: a wrong code is worse than none.

SNOMED CT and the MedDRA preferred term (a name: its codes need a subscription) come from the catalogue's facts. LOINC and UCUM are
those of FHIR R4's vital signs profiles. No item text of PRO-CTCAE is shipped.
"""

from typing import Any

from diary.models import SymptomVersion

LOINC, SNOMED, UCUM, OWN = 'http://loinc.org', 'http://snomed.info/sct', 'http://unitsofmeasure.org', 'urn:vigil'
UNITS = {'kg': 'kg', 'mmHg': 'mm[Hg]', '%': '%', '/min': '/min', 'C': 'Cel', 'h': 'h', 'count': '1'}
VITAL_SIGNS = {
    'weight': ('29463-7', 'Body weight'),
    'systolic_bp': ('8480-6', 'Systolic blood pressure'),
    'spo2': ('2708-6', 'Oxygen saturation in Arterial blood'),
    'pulse': ('8867-4', 'Heart rate'),
    'celsius': ('8310-5', 'Body temperature'),
}


def facts_of() -> dict[tuple[str, int], dict[str, Any]]:
    """The catalogue's facts by symptom and version. One query."""
    rows = SymptomVersion.objects.select_related('symptom')
    return {(row.symptom.code, row.number): {'name': row.name, **row.facts} for row in rows}


def symptom_concept(code: str, facts: dict[str, Any]) -> dict[str, Any]:
    coding = [{'system': f'{OWN}:symptom', 'code': code, 'display': facts['name']}]
    if facts.get('snomed'):
        coding.insert(0, {'system': SNOMED, 'code': str(facts['snomed'])})
    return {'coding': coding, 'text': facts.get('meddra') or facts['name']}


def vital_concept(code: str, name: str) -> dict[str, Any]:
    coding = [{'system': f'{OWN}:measurement', 'code': code}]
    if code in VITAL_SIGNS:
        loinc, display = VITAL_SIGNS[code]
        coding.insert(0, {'system': LOINC, 'code': loinc, 'display': display})
    return {'coding': coding, 'text': name}


def quantity(value: float, unit: str) -> dict[str, Any]:
    found: dict[str, Any] = {'value': value, 'unit': unit}
    return found | {'system': UCUM, 'code': UNITS[unit]} if unit in UNITS else found
