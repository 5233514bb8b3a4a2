"""What holds for every template: nothing that the content security policy would refuse, and icons that exist."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template.loader import get_template

from config.styleguide import ICONS
from tests.design.conftest import html_of
from tests.design.test_looks import PAGES, TIERS

BASE = Path(settings.BASE_DIR)
TEMPLATES = sorted((BASE / 'templates').rglob('*.html'))
# What needs a diary's own data is looked at where it stands: pictures of cycles, an advice's parts, what a phone has not sent.
ELSEWHERE = {'chart_cycles', 'unsent_guest'}
SET_ELSEWHERE = ('chart-', 'advice-', 'aside-', 'unsent', 'photo-', 'demo', 'look', 'crispy-', 'quote-', 'said-')
INLINE = re.compile(r'<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+=["\']|javascript:')


def icons() -> set[str]:
    tree = ElementTree.parse(BASE / 'static' / 'icons.svg')
    return {str(symbol.get('id')) for symbol in tree.getroot() if symbol.get('id')}


def test_no_template_has_inline_style_or_script() -> None:
    found = [(path.name, INLINE.findall(path.read_text())) for path in TEMPLATES if INLINE.search(path.read_text())]
    assert found == []


def test_the_search_for_inline_things_finds_them() -> None:
    bad = ['<p style="width:1px">', '<script>1</script>', "<a onclick='x'>", '<style>']
    assert [bool(INLINE.search(text)) for text in bad] == [True] * 4


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    calls = re.compile(r"components/icon\.html' with name='([\w-]+)'")
    named = {name for path in TEMPLATES for name in calls.findall(path.read_text())}
    assert named
    assert named - icons() == set()


def test_the_style_guide_shows_every_icon() -> None:
    assert icons() == set(ICONS)


def used_by(*names: str) -> set[str]:
    """Components that these templates show, and what those show."""
    found: set[str] = set()
    todo = [BASE / 'templates' / name for name in names]
    while todo:
        for name in re.findall(r'components/(\w+)\.html', todo.pop().read_text()):
            if name not in found:
                found.add(name)
                todo.append(BASE / 'templates' / 'components' / f'{name}.html')
    return found


def test_the_style_guide_shows_every_component() -> None:
    rooms = (BASE / 'templates' / 'styleguide', BASE / 'templates' / 'vigil')
    guide = [str(path.relative_to(BASE / 'templates')) for room in rooms for path in room.rglob('*.html')]
    shown = used_by(*guide, 'base.html', 'base_patient.html', 'base_staff.html')
    assert {path.stem for path in (BASE / 'templates' / 'components').iterdir()} - shown == ELSEWHERE


def test_the_style_guide_shows_every_class_of_the_components() -> None:
    queries = [*PAGES, *(f'page=advice&tier={tier}' for tier in TIERS)]
    shown = {
        name for query in queries for names in re.findall(r'class="([^"]*)"', html_of(query)) for name in names.split()
    }
    sheet = re.sub(r'/\*.*?\*/', '', (BASE / 'static' / 'css' / 'components.css').read_text(), flags=re.DOTALL)
    styled = set(re.findall(r'\.([a-z][\w-]*)', re.sub(r'{[^{}]*}', '{}', sheet)))
    assert sorted(name for name in styled - shown if not name.startswith(SET_ELSEWHERE)) == []


@pytest.mark.parametrize('page', ['400', '403', '403_csrf', '404', '413', '429', '500'])
def test_an_error_page_needs_neither_request_nor_view(page: str) -> None:
    html = get_template(f'{page}.html').render()
    assert '<h1>' in html
    assert 'emergency number' in html
