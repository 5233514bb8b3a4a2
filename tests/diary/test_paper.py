"""The visit summary as PDF: the page's words in the page's order, tagged, and nothing that was typed is more than text."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import parse
from pypdf import PdfReader

from clinic.models import AuditEvent, Clinic, Membership, Patient
from diary.paper import printing
from diary.paper.printing import PrintingError, paper_of, pdf_of
from diary.paper.signs import _ALSO, _RANGES, MISSING, printable
from diary.services.questions import keep_questions
from tests.alerts.conftest import FEVER, open_alert, told_us
from tests.cast import NOW, client_of, user_of
from tests.diary.conftest import write
from tests.diary.treated import give_course, give_dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]
DAY = timedelta(days=1)
PATH = '/diary/summary.pdf?since=2026-10-01'
MARKUP = (
    '#eval("1+1")',
    '#read("summary.typ")',
    '*bold* _it_ = Head',
    '$x$ @ref <label> `raw` // gone',
    '\\u{41} [x] #d',
)


@pytest.fixture
def busy(ana: Patient, rosa: Membership) -> Patient:
    """Two cycles, something measured, a condition, questions, and alerts with and without an answer."""
    course = give_course(ana, starts_on=(NOW - 35 * DAY).date())
    give_dose(course, NOW - 35 * DAY, amount='200 mg')
    for n in (30, 12, 9, 2):
        write(ana, {'FATIGUE': {'severity': n % 4}, 'HIVES': {'present': True}}, hours_ago=24 * n, weight=80 - n / 10)
    done = {'state': 'resolved', 'outcome': 'appointment', 'owner': rosa.user}
    open_alert(ana, tier='same_day', at=NOW - 9 * DAY, resolved_at=NOW - 8 * DAY, acknowledged_at=NOW - 8 * DAY, **done)
    told_us(ana, FEVER)
    keep_questions(patient=ana, lines=['May I fly?', *MARKUP], seen=[], by=user_of(ana), now=NOW)
    return ana


def pdf(patient: Patient, path: str = PATH) -> PdfReader:
    return PdfReader(io.BytesIO(client_of(patient).get(path).content))


def words(reader: PdfReader) -> str:
    """All of it in the order of reading, line ends as spaces."""
    return ' '.join(' '.join(page.extract_text().split()) for page in reader.pages)


def tags(node: Any) -> Iterator[str]:
    """The structure in the order of reading, such as H1, P, Table, TR, TH."""
    node = node.get_object()
    for child in node if isinstance(node, list) else [node]:
        found = child.get_object() if hasattr(child, 'get_object') else child
        if isinstance(found, dict):
            if '/S' in found:
                yield str(found['/S'])[1:]
            if '/K' in found:
                yield from tags(found['/K'])


@dataclass
class PageTexts(HTMLParser):
    """Each text of the summary's part of the page that a reader is shown on paper."""

    found: list[str] = field(default_factory=list)
    open: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ('br', 'input', 'link', 'meta', 'img', 'use', 'path'):
            classes = (dict(attrs).get('class') or '').split()
            self.open.append('no-print' in classes or 'sr-only' in classes)

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag not in ('br', 'input', 'link', 'meta', 'img', 'use', 'path'):
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if (text := ' '.join(data.split())) and not any(self.open):
            self.found.append(text)


def texts_of(page: str) -> list[str]:
    reader = PageTexts()
    reader.feed(page[page.index('<h1') : page.index('They do not replace an examination.')])
    return reader.found


def plain(text: str) -> str:
    """Without spaces: where a line ends is no difference."""
    return re.sub(r'\s+', '', text)


# -- the same as the page ----------------------------------------------------------------------------------------------


def test_it_says_what_the_page_says_in_the_same_order(busy: Patient, rosa: Membership) -> None:
    for person, page, file in (
        (client_of(busy), '/diary/summary/?since=2026-10-01', PATH),
        (client_of(rosa), f'/patients/{busy.public_id}/summary/?since=2026-10-01',
         f'/patients/{busy.public_id}/summary.pdf?since=2026-10-01'),
    ):  # fmt: skip
        printed, at = plain(words(PdfReader(io.BytesIO(person.get(file).content)))), 0
        shown = texts_of(person.get(page).content.decode())
        assert {'200 mg', 'moderate', 'May I fly?', 'No answer yet', 'Answered: an appointment'} <= set(
            ' '.join(shown).split('|') + shown
        ) | {text for text in ('200 mg',) if '200 mg' in ' '.join(shown)}
        for text in shown:
            found = printed.find(plain(text), at)
            assert found >= 0, f'{text!r} is not in the PDF after {printed[max(0, at - 60) : at]!r}'
            at = found


def test_what_was_typed_is_shown_and_never_read_as_markup(busy: Patient) -> None:
    printed = plain(words(pdf(busy)))
    for typed in MARKUP:
        assert plain(typed) in printed


def test_it_says_when_and_by_whom_it_was_made_and_counts_its_pages(busy: Patient, rosa: Membership) -> None:
    told = words(pdf(busy))
    assert 'Made on 16 November 2026 at 9:00 by Ana Morales.' in told
    assert 'Page 1 of' in told
    answer = client_of(rosa).get(f'/patients/{busy.public_id}/summary.pdf')
    assert 'by Rosa Diaz.' in words(PdfReader(io.BytesIO(answer.content)))


def test_in_spanish_it_is_spanish_for_reader_and_machine(busy: Patient) -> None:
    user_of(busy).language = 'es'
    user_of(busy).save()
    reader = PdfReader(io.BytesIO(client_of(busy).get(PATH, headers={'accept-language': 'es'}).content))
    assert reader.root_object['/Lang'] == 'es'
    told = words(reader)
    assert 'Para mi visita' in told
    assert 'Del 1 de octubre de 2026 al 16 de noviembre de 2026.' in told
    assert 'Página 1 de' in told


# -- for everybody -----------------------------------------------------------------------------------------------------


def test_it_is_tagged_for_a_screen_reader(busy: Patient) -> None:
    reader = pdf(busy)
    root = reader.root_object
    assert root['/MarkInfo']['/Marked'] == True  # noqa: E712  (a PDF's own kind of yes)
    assert root['/Lang'] == 'en'
    assert root['/ViewerPreferences']['/DisplayDocTitle'] == True  # noqa: E712
    assert reader.metadata is not None
    assert reader.metadata.title == 'For my visit'
    assert '<pdfuaid:part>1</pdfuaid:part>' in root['/Metadata'].get_data().decode()
    found = list(tags(root['/StructTreeRoot']['/K']))
    assert found.count('H1') == 1
    assert found.count('H2') == 4  # questions, how it was, what was measured, what the team looked at
    assert found.count('H3') == 3  # two cycles and what was before
    assert found.count('Table') == 3  # two with something in them, and what was measured
    assert found.count('TH') == 5 + 5 + 4
    assert found.count('LI') == 1 + len(MARKUP)


def test_every_picture_says_in_words_what_it_shows(busy: Patient) -> None:
    figures = [one for one in _elements(pdf(busy).root_object['/StructTreeRoot']['/K']) if one['/S'] == '/Figure']
    said = [str(figure['/Alt']) for figure in figures]
    assert len(said) == 5  # three symptoms of this cycle, two of the one before
    assert '7 Nov: mild; 14 Nov: moderate' in said


def test_every_cell_names_the_head_of_its_column(busy: Patient) -> None:
    cells = [cell for cell in _elements(pdf(busy).root_object['/StructTreeRoot']['/K']) if cell['/S'] == '/TD']
    assert cells
    assert all(any(a.get('/Headers') for a in cell['/A']) for cell in cells)


def _elements(node: Any) -> Iterator[Any]:
    node = node.get_object()
    for child in node if isinstance(node, list) else [node]:
        found = child.get_object() if hasattr(child, 'get_object') else child
        if isinstance(found, dict):
            if '/S' in found:
                yield found
            if '/K' in found:
                yield from _elements(found['/K'])


@pytest.mark.parametrize(('phone', 'sheet'), [('+12125550100', (612, 792)), ('+442079460100', (595, 841))])
def test_it_fits_the_paper_of_the_clinics_country(
    ana: Patient, riverside: Clinic, phone: str, sheet: tuple[int, int]
) -> None:
    riverside.phone_day = phone
    riverside.save()
    box = pdf(ana).pages[0].mediabox
    assert (int(box.width), int(box.height)) == sheet


def test_no_font_of_this_machine_is_used(busy: Patient) -> None:
    fonts = {
        font['/BaseFont'] for page in pdf(busy).pages for font in page['/Resources']['/Font'].get_object().values()
    }
    assert fonts
    assert all('Libertinus' in font or 'DejaVu' in font or 'NewCM' in font for font in map(str, fonts)), fonts


# -- the file ----------------------------------------------------------------------------------------------------------


def test_its_name_tells_nothing_and_no_cache_keeps_it(busy: Patient) -> None:
    answer = client_of(busy).get(PATH)
    assert answer['Content-Type'] == 'application/pdf'
    assert answer['Content-Disposition'] == 'attachment; filename="visit-summary-2026-11-16.pdf"'
    assert {'no-store', 'private'} <= set(answer['Cache-Control'].split(', '))


def test_that_a_nurse_took_it_is_on_record(busy: Patient, rosa: Membership) -> None:
    client_of(rosa).get(f'/patients/{busy.public_id}/summary.pdf')
    look = AuditEvent.objects.get()
    assert (look.actor, look.page, look.patients) == (rosa.user, 'diary:patient_summary_file', [busy.pk])


def test_the_page_offers_the_file_of_the_days_that_it_shows(busy: Patient) -> None:
    assert f'href="{PATH}"' in client_of(busy).get('/diary/summary/?since=2026-10-01').content.decode()


def test_a_day_that_cannot_be_is_explained_on_the_page(busy: Patient) -> None:
    answer = client_of(busy).get('/diary/summary.pdf?since=2026-11-17')
    assert (answer.status_code, answer['Location']) == (302, '/diary/summary/?since=2026-11-17')


def test_the_same_call_makes_the_same_bytes(busy: Patient) -> None:
    client = client_of(busy)
    assert client.get(PATH).content == client.get(PATH).content


# -- signs -------------------------------------------------------------------------------------------------------------


def letters(*texts: str) -> PdfReader:
    """A small summary that asks these texts."""
    data = {**_EMPTY, 'questions': {**_EMPTY['questions'], 'items': list(texts)}}
    return PdfReader(io.BytesIO(pdf_of('summary.typ', data, made_at=NOW)))


_EMPTY: dict[str, Any] = {
    'lang': 'en', 'paper': 'a4', 'title': 'T', 'name': 'N', 'by': 'B', 'about': '', 'facts': [], 'note': '', 'made': '',
    'page': '{page}', 'missing': '{sign} is missing',
    'questions': {'title': 'Q', 'lang': 'en', 'items': [], 'none': ''},
    'felt': {'title': 'F', 'note': '', 'head': ['', '', '', '', ''], 'stretches': []},
    'measured': {'title': 'M', 'head': [], 'rows': []},
    'cases': {'title': 'C', 'items': [], 'none': ''},
}  # fmt: skip


def test_every_sign_that_is_let_through_is_in_the_fonts() -> None:
    signs = [chr(n) for low, high in _RANGES for n in range(low, high + 1)] + list(_ALSO)
    assert all(printable(sign) != MISSING for sign in signs)
    letters(' '.join(signs), ''.join(signs))


def test_what_the_fonts_do_not_have_is_a_box_and_said_so() -> None:
    told = words(letters('I slept 😀👍🏽 well, \u202ereally\x00\n日本語'))
    assert '□' not in words(letters('ñ ¿Qué? ≥ 38 °C “ł”'))
    assert 'I slept □ well, really □' in told
    assert '□ is missing' in told


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_a_file_is_made(text: str) -> None:
    assert letters(text).pages


def test_where_printing_fails_the_error_says_no_word_of_the_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, 'printable', lambda text: text)
    with pytest.raises(PrintingError) as raised:
        letters('secret 😀')
    assert 'secret' not in str(raised.value)


def test_a_countrys_paper(riverside: Clinic) -> None:
    for phone, paper in (
        ('+52 55 5555 0100', 'us-letter'),
        ('+34 915 550 100', 'a4'),
        ('+1 416 555 0100', 'us-letter'),
    ):
        riverside.phone_day = parse(phone)
        assert paper_of(riverside) == paper


def test_a_very_long_summary_is_made_whole() -> None:
    """A year of three-week cycles with every symptom in each, and an alert a week."""
    bars = [{'x': 6, 'y': 8, 'height': 8, 'level': 2}] * 21
    row = {
        'name': 'Tiredness', 'worst': 'severe', 'bold': True, 'most': '', 'on': '3 Nov', 'typical': 'mild', 'days': '9',
        'strip': {'width': 126, 'height': 16, 'bar': 5, 'words': 'mild', 'bars': bars},
    }  # fmt: skip
    stretch = {'title': 'Cycle', 'when': '', 'rows': [row] * 46, 'none': ''}
    case = {'tier': 'urgent', 'word': 'Urgent', 'at': '', 'told': 'You told us: x', 'answer': 'Seen', 'answered': ''}
    data = {
        **_EMPTY,
        'felt': {**_EMPTY['felt'], 'head': ['a', 'b', 'c', 'd', 'e'], 'stretches': [stretch] * 18},
        'cases': {**_EMPTY['cases'], 'items': [case] * 52},
    }
    told = words(PdfReader(io.BytesIO(pdf_of('summary.typ', data, made_at=NOW))))
    assert told.count('Tiredness') == 46 * 18
    assert told.count('You told us: x') == 52
