"""The emergency signs, the two lists and the numbers: one tap away from wherever a patient is, and whole without a network."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from clinic.models import Patient
from tests.cast import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content', 'now')]


def names(resolver: URLResolver, space: str = '') -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield f'{space}{each.name}'
        elif each.namespace != 'admin':
            yield from names(each, f'{space}{each.namespace}:' if each.namespace else space)


def pages(client: Client) -> Iterator[tuple[str, str]]:
    """Every page that opens without naming anything."""
    for name in sorted(set(names(get_resolver()))):
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        response = client.get(url)
        if response.status_code == 200 and response['Content-Type'].startswith('text/html') and not response.streaming:
            yield url, response.content.decode()


def test_the_emergency_signs_are_one_tap_from_every_page_of_a_patient(ana: Patient) -> None:
    found = dict(pages(client_of(ana)))
    assert {'/today/', '/entry/new/', '/diary/', '/treatment/', '/me/'} <= set(found)
    assert [url for url, text in found.items() if 'href="/help/"' not in text and url != '/help/'] == []


def test_the_page_of_emergency_signs_is_whole_without_a_network(ana: Patient) -> None:
    text = client_of(ana).get('/help/').content.decode()
    assert re.search('tel:911', text)
    assert re.search(r'tel:\+12125550100', text)
    assert re.search(r'tel:\+12125550199', text)
    assert 'You should call your healthcare provider' in text
    assert 'Signs of an allergic reaction' in text
    asked = re.findall(r'<(?:link[^>]*stylesheet[^>]*|script[^>]*|img[^>]*|use[^>]*)(?:src|href)="([^"]+)"', text)
    assert asked
    assert [url for url in asked if not url.startswith('/static/')] == []
    assert 'hx-get' not in text
