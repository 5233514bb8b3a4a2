"""Whatever the demo's people can click on answers, at an hour as it comes."""

import html
import re
from collections import Counter, deque
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from clinic.models import User
from config.demo.play import play
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]

# Of each page, so many: every patient's record is like the next one's.
MOST = 3
LINKS = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
ELSEWHERE = ('/static/', '/demo/')


@pytest.fixture
def demo(db: None) -> None:
    play(patients=10, days=16, seed=1, until=timezone.now(), quiet=True)


def links_of(address: str, answer: HttpResponse) -> list[str]:
    """Where it leads on to: addresses that stay here, without the place on the page. All of the answer is read."""
    body = b''.join(answer) if answer.streaming else answer.content
    if answer.status_code == 302:
        return [answer['Location']]
    if not answer['Content-Type'].startswith('text/html'):
        return []
    found = [urldefrag(urljoin(address, html.unescape(link))).url for link in LINKS.findall(body.decode())]
    return [link for link in found if link.startswith('/') and not link.startswith(ELSEWHERE)]


def walked(client: Client) -> Counter[str]:
    """How often each page was opened; fails where one does not answer."""
    seen, opened, waiting = {'/'}, Counter[str](), deque(['/'])
    while waiting:
        address = waiting.popleft()
        page = resolve(urlsplit(address).path).view_name
        if opened[page] == MOST:
            continue
        opened[page] += 1
        answer = client.get(address)
        assert answer.status_code in (200, 302), f'{address} answers {answer.status_code}'
        for link in links_of(address, answer):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return opened


@pytest.mark.parametrize(
    ('email', 'must_see'),
    [
        ('ana@vigil.example', ['diary:summary_file', 'diary:export_fhir', 'diary:export_csv']),
        ('luis@vigil.example', ['diary:today', 'diary:summary_file']),
        ('rosa@vigil.example', ['alerts:worklist', 'alerts:alert', 'diary:patient_summary_file']),
        ('grace@vigil.example', ['alerts:rules', 'admin:clinic_membership_changelist']),
    ],
)
def test_every_link_answers(demo: None, email: str, must_see: list[str]) -> None:
    opened = walked(cast.client_of(User.objects.get(email=email)))
    assert not [page for page in must_see if not opened[page]], sorted(opened)
