"""What a phone loads for a patient's pages stays light: counted in bytes, which are the same on every machine."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from clinic.models import Membership, Patient
from config.static_files import AT_ONCE, WHEN_NEEDED
from tests.cast import client_of
from tests.diary.conftest import give_dose, write

MOST = 100_000  # the first page in all, compressed
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content', 'now')]


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def files_of(page: str) -> set[str]:
    """Every static file that a page names, and every module that those import at once."""
    found = set(re.findall(rf'(?:href|src)="/{settings.STATIC_URL.strip("/")}/([^"#]+)', page))
    for name in [*found]:
        found |= imported(name)
    return found


def imported(name: str) -> set[str]:
    if not name.endswith('.js'):
        return set()
    near = {
        str((Path('/') / name).parent / url)[1:]
        for url in re.findall(r" from '\./([\w./-]+\.js)'", source(name).decode())
    }
    return near.union(*map(imported, near))


def source(name: str) -> bytes:
    path = finders.find(name)
    assert isinstance(path, str), name
    return Path(path).read_bytes()


def weight(client: Client, path: str) -> int:
    response = client.get(path, HTTP_ACCEPT_ENCODING='gzip')
    assert response['Content-Encoding'] == 'gzip'
    files = files_of(gzip.decompress(response.content).decode())
    assert {'css/base.css', 'js/theme.js'} <= files
    return len(response.content) + sum(compressed(source(name)) for name in files)


def test_the_first_page_is_under_a_hundred_kilobytes_in_all(ana: Patient, rosa: Membership) -> None:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=5, by=rosa.user)
    write(ana, {'FATIGUE': {'severity': 2}, 'ITCH': {'severity': 1}})
    for path in ('/today/', '/entry/new/', '/entry/new/?short=1', '/help/'):
        assert weight(client_of(ana), path) < MOST, path
    assert weight(Client(), '/account/login/') < MOST


def test_every_import_between_our_modules_is_written_so_that_it_is_named_by_its_contents() -> None:
    """Another way of writing it would leave the plain name, which phones ask for again and again."""
    for path in (Path(settings.BASE_DIR) / 'static' / 'js').rglob('*.js'):
        for line in path.read_text().splitlines():
            if line.startswith(('import ', 'export {', '} from')) and ' from ' in line:
                assert re.search(AT_ONCE[0], line), f'{path.name}: {line}'
            if 'import(' in line and not line.lstrip().startswith('//'):
                assert re.search(WHEN_NEEDED[0], line), f'{path.name}: {line}'
