"""A form says the same on the phone as on the server: the same answers, the same refusals, the same words for them."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from playwright.sync_api import Page

from alerts.engine.hours import Hours, open_until
from alerts.engine.portable import micros, plain_number
from alerts.pages.offline import pack_of
from alerts.words.answers import told, units_of
from clinic.models import Membership, Patient
from diary.answers import Reading, read_posted
from diary.catalogue import CatalogueView, current_catalogue
from tests.alerts.offline.told import drawn
from tests.cast import NOW
from tests.diary.conftest import give_dose

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
READ = """async ({ pack, forms }) => {
    const { readForm, offered } = await import('/js/offline/answers.js');
    const { exact } = await import('/js/offline/decimal.js');
    const { lines } = await import('/js/offline/told.js');
    return forms.map(({ fields, at, last }) => {
        const known = last === null ? {} : { weight: exact(last) };
        const { problems, ...said } = readForm(fields, pack, offered(pack, at), known);
        return { ...said, problems: problems.sort(), lines: problems.length ? [] : lines(said, [], pack) };
    });
}"""
NUMBERS = st.one_of(
    st.decimals(0, 400, places=2).map(str),
    st.integers(0, 1500).map(str),
    st.sampled_from(
        ['38.0', '100.4', '100,4', '98.6', '37.999', '386', '1004', '120/80', '40', '160', '160.1', '200.']
    ),
    st.sampled_from(
        ['', '.5', '38,', '1e3', '٣٨', '38.6 °F', '99 f', '80 KG', '176 lbs', '92 %', '12 bpm', '38 grad', '-1', '3 4']
    ),
)
UNITS = st.sampled_from(['C', 'F', 'kg', 'lb', '', 'K', 'mmHg'])
WORDS = st.text(st.sampled_from('ab é\u00a0\u200b\u202e\r\n\t\x00\x85😀\u2028'), max_size=12)
LAST = st.sampled_from([None, Decimal('72.5'), Decimal('80'), Decimal('83.91')])


def texts_for(kind: str) -> st.SearchStrategy[str]:
    if kind == 'severity':
        return st.sampled_from(['0', '1', '2', '3', '4', '5', ' 3 ', ''])
    if kind == 'yes':
        return st.sampled_from(['yes', 'no', 'maybe', ''])
    return WORDS if kind == 'text' else NUMBERS


@st.composite
def forms(draw: Any, pack: dict[str, Any]) -> dict[str, str]:
    """A few symptoms and measurements, with numbers in both units, confirmed doubts, and fields that nobody knows."""
    symptoms = pack['catalogue']['symptoms']
    found: dict[str, str] = {}
    for code in draw(st.lists(st.sampled_from(sorted(symptoms)), max_size=3, unique=True)):
        found[f'{code}.on'] = draw(st.sampled_from(['1', '1', 'ask', '']))
        for name, field in symptoms[code]['fields'].items():
            if draw(st.integers(0, 3)):
                found[f'{code}.{name}'] = draw(texts_for(field['kind']))
    for code in draw(st.lists(st.sampled_from(sorted(pack['measured'])), max_size=2, unique=True)):
        found[f'm.{code}'] = draw(NUMBERS)
    for name in [each for each in found if not each.endswith('.on')]:
        if draw(st.integers(0, 2)) == 0:
            found[f'{name}.unit'] = draw(UNITS)
        if draw(st.integers(0, 2)) == 0:
            text, unit = found[name].strip(), draw(UNITS)
            found[f'{name}.meant'] = f'{text}|{unit}>{draw(st.sampled_from([text, "38.6", "100.4"]))}|{draw(UNITS)}'
    if draw(st.integers(0, 20)) == 0:
        found[
            draw(st.sampled_from(['NOBODY.on', 'FEVER.colour', 'FEVER.on.unit', 'm.height', 'FEVER.celsius.x.y']))
        ] = '1'
    return found


def as_told(reading: Reading, catalogue: CatalogueView, patient: Patient) -> dict[str, Any]:
    problems = sorted([*(each.name for each in reading.errors), *(each.name for each in reading.doubts)])
    document = reading.document
    said = [] if problems else told(document, catalogue, units_of(patient))
    return {
        'answers': {code: answer.get('values', {}) for code, answer in document['answers'].items()},
        'measurements': {code: measured['value'] for code, measured in document['measurements'].items()},
        'problems': problems,
        'lines': [str(one) for one in said if one.reported or one.level is None],
    }


def read(page: Page, pack: dict[str, Any], asked: list[tuple[dict[str, str], Decimal | None]]) -> list[Any]:
    at = micros(NOW)
    rows = [{'fields': form, 'at': at, 'last': None if last is None else plain_number(last)} for form, last in asked]
    found: list[Any] = page.evaluate(READ, {'pack': pack, 'forms': rows})
    return found


@pytest.mark.parametrize('units', [('C', 'kg'), ('F', 'lb')])
def test_a_form_says_the_same_on_the_phone(page: Page, ana: Patient, rosa: Membership, units: tuple[str, str]) -> None:
    give_dose(ana, 'car_t', days_ago=5, by=rosa.user)
    ana.temperature_unit, ana.weight_unit = units
    assert ana.user is not None
    pack, catalogue = pack_of(patient=ana, user=ana.user, now=NOW), current_catalogue()
    asked = drawn(st.tuples(forms(pack), LAST), 500)
    expected = []
    for form, last in asked:
        reading = read_posted(
            form,
            catalogue,
            units=units_of(ana),
            offered=catalogue.offered({'car_t': 5}),
            last={} if last is None else {'weight': last},
        )
        expected.append(as_told(reading, catalogue, ana))
    rows = zip(asked, read(page, pack, asked), expected, strict=True)
    assert [json.dumps({'form': str(a), 'phone': p, 'server': s}) for a, p, s in rows if p != s][:1] == []
    assert 50 < sum(not one['problems'] for one in expected) < 450, 'the forms are all good, or all bad'


# -- hours and clocks -------------------------------------------------------------------------------------------------------

ZONES = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'America/St_Johns', 'America/Sao_Paulo', 'UTC']
OPEN = """async (asked) => {
    const { isOpen } = await import('/js/offline/advice.js');
    return asked.map(({ hours, at }) => isOpen(hours, at));
}"""
INSTANT = """async (asked) => {
    const { instantAt } = await import('/js/offline/zone.js');
    return asked.map(({ day, minutes, zone, second }) => instantAt(day, minutes, zone, second));
}"""
MINUTES = st.integers(0, 24 * 60 - 1)


def at(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def test_the_clinic_is_open_at_the_same_time_on_the_phone(page: Page) -> None:
    stretches = st.sampled_from([(0, 1439), (0, 120), (60, 120), (480, 1080), (1080, 1439), (1380, 1439)])
    spans = st.builds(lambda day, both: (day, *both), st.integers(0, 6), stretches)
    start = datetime(2026, 10, 24, tzinfo=UTC)
    asked = drawn(st.tuples(st.sampled_from(ZONES), st.lists(spans, max_size=5), st.integers(0, 10 * 24 * 60)), 400)
    rows = [{'hours': {'zone': z, 'open': s}, 'at': (micros(start) + m * 60_000_000) / 1000} for z, s, m in asked]
    expected = [
        open_until([Hours(d, at(o), at(c)) for d, o, c in spans], ZoneInfo(zone), start + timedelta(minutes=m))
        is not None
        for zone, spans, m in asked
    ]
    found = page.evaluate(OPEN, rows)
    assert [row for row, there, here in zip(rows, found, expected, strict=True) if there != here][:1] == []
    assert any(expected)
    assert not all(expected)


def test_a_time_of_day_is_the_same_instant_on_the_phone(page: Page) -> None:
    days = st.sampled_from(
        [date(2026, 3, 8), date(2026, 11, 1), date(2026, 3, 29), date(2026, 10, 4), date(2018, 11, 4)]
    )
    near = st.builds(lambda day, more: day + timedelta(days=more), days, st.integers(-1, 1))
    asked = drawn(st.tuples(near, st.one_of(MINUTES, st.integers(0, 200)), st.sampled_from(ZONES), st.booleans()), 500)
    epoch = date(1970, 1, 1)
    rows = [{'day': (d - epoch).days, 'minutes': m, 'zone': z, 'second': s} for d, m, z, s in asked]
    expected = [
        micros(datetime.combine(d, at(m), ZoneInfo(z)).replace(fold=int(s)).astimezone(UTC)) for d, m, z, s in asked
    ]
    found = page.evaluate(INSTANT, rows)
    assert [row for row, there, here in zip(rows, found, expected, strict=True) if there != here][:1] == []
