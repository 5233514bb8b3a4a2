"""What a helper may open: every address of the patient's floor × what a patient can give, against a table that is written out."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import get_resolver, reverse

from clinic.access import Who, stated, who_may
from clinic.checks import every_view
from clinic.models import Caregiver
from clinic.rights import Right, rights_of
from tests.cast import LONG_AGO, NOW, client_of, make_caregiver
from tests.clinic.test_gate import (
    Row,
    Urls,
    address,
    knock,
    objects,  # noqa: F401
    places,
)

pytestmark = pytest.mark.django_db

# ✓ comes in · - is told that there is no such page
HELPERS = ['patient', 'reads', 'advised', 'pictured', 'writes', 'ended', 'not_yet']
TABLE = """
                               patient reads advised pictured writes ended not_yet
GET  diary:help                   ✓      ✓      ✓       ✓       ✓      -      -
GET  alerts:what_we_look_for      ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:offline_here           ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:unsent                 ✓      ✓      ✓       ✓       ✓      -      -
GET  alerts:welcome               ✓      ✓      ✓       ✓       ✓      -      -
GET  clinic:agreement             ✓      ✓      ✓       ✓       ✓      -      -
GET  clinic:stop                  ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:today                  ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:entry                  ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:diary                  ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:day                    ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:charts                 ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:treatment              ✓      ✓      ✓       ✓       ✓      -      -
GET  diary:summary                ✓      -      ✓       -       ✓      -      -
GET  diary:summary_file           ✓      -      ✓       -       ✓      -      -
GET  alerts:advice                ✓      -      ✓       -       ✓      -      -
GET  alerts:receipt               ✓      -      ✓       -       ✓      -      -
GET  diary:photo                  ✓      -      -       ✓       -      -      -
GET  diary:entry_new              ✓      -      -       -       ✓      -      -
GET  alerts:offline_pack          ✓      -      -       -       ✓      -      -
POST diary:nothing_new            ✓      -      -       -       ✓      -      -
GET  diary:entry_correct          ✓      -      -       -       ✓      -      -
GET  diary:questions              ✓      -      -       -       ✓      -      -
GET  diary:own_pause              ✓      -      -       -       ✓      -      -
POST diary:own_pause_end          ✓      -      -       -       ✓      -      -
GET  diary:photo_remove           ✓      -      -       -       -      -      -
GET  diary:export                 ✓      -      -       -       -      -      -
GET  diary:export_csv             ✓      -      -       -       -      -      -
GET  diary:export_fhir            ✓      -      -       -       -      -      -
GET  clinic:looks                 ✓      -      -       -       -      -      -
GET  clinic:helpers               ✓      -      -       -       -      -      -
POST clinic:helpers_seen          ✓      -      -       -       -      -      -
GET  clinic:helper_invite         ✓      -      -       -       -      -      -
GET  clinic:helper_change         ✓      -      -       -       -      -      -
POST clinic:helper_end            ✓      -      -       -       -      -      -
POST clinic:helper_withdraw       ✓      -      -       -       -      -      -
GET  alerts:reminder              ✓      -      -       -       -      -      -
"""
NOTHING = {'can_write': False, 'can_see_advice': False, 'can_see_photos': False}


def rows() -> list[Row]:
    split = [line.split() for line in TABLE.splitlines()[2:] if line.strip()]
    return [Row(method, name, dict(zip(HELPERS, marks, strict=True))) for method, name, *marks in split]


@pytest.fixture
def helpers(ana) -> dict[str, Client]:
    """A browser for each way in which Ana can let somebody help."""
    everything = dict.fromkeys(NOTHING, True)
    given = {
        'reads': NOTHING,
        'advised': NOTHING | {'can_see_advice': True},
        'pictured': NOTHING | {'can_see_photos': True},
        'writes': NOTHING | {'can_write': True},
        'ended': everything | {'starts_at': LONG_AGO, 'ends_at': NOW},
        'not_yet': everything | {'starts_at': NOW + timedelta(seconds=1)},
    }
    people = {who: make_caregiver(ana, f'{who} Helper', **rights) for who, rights in given.items()}
    return {'patient': client_of(ana)} | {who: client_of(person) for who, person in people.items()}


def test_every_address_of_the_patients_floor_has_a_line():
    stamped = {view for _route, view in every_view() if stated(view) is Who.DIARIST}
    named = set()
    for name, found in _views(get_resolver(), ''):
        if found in stamped:
            named.add(name)
    assert {row.name for row in rows()} == named


def _views(resolver, space):
    for found in resolver.url_patterns:
        if hasattr(found, 'url_patterns'):
            yield from _views(found, f'{found.namespace}:' if found.namespace else space)
        else:
            yield f'{space}{found.name}', found.callback


def test_helpers_find_what_was_given_to_them_and_nothing_else(helpers, objects):  # noqa: F811
    known, wrong = places(office=False), []
    for row in rows():
        path = address(known[row.name], objects)
        for who, client in helpers.items():
            found = knock(client, row.method, path)
            if found != row.marks[who]:
                wrong.append(f'{row.name:<28} {who:<9} table {row.marks[who]} but {found}')
    assert not wrong, '\n' + '\n'.join(wrong)


def test_what_a_helper_may_do_changes_with_the_next_request(ana, luis, objects):  # noqa: F811
    client, known = client_of(luis), places(office=False)
    open_to_him = [row for row in rows() if knock(client, row.method, address(known[row.name], objects)) == '✓']
    assert {'diary:photo', 'diary:summary', 'diary:charts', 'diary:entry_new'} <= {row.name for row in open_to_him}
    Caregiver.objects.filter(pk=luis.pk).update(ends_at=NOW)
    left = [row.name for row in open_to_him if knock(client, row.method, address(known[row.name], objects)) != '-']
    assert left == []


def test_who_only_reads_sees_no_answers_and_no_photos_on_the_pages(ana, helpers, objects):  # noqa: F811
    entry = reverse('diary:entry', args=[objects['entry']])
    told = {who: helpers[who].get(entry).content.decode() for who in ('reads', 'advised', 'pictured', 'writes')}
    assert {who for who, page in told.items() if 'What became of it' in page} == {'advised', 'writes'}
    assert {who for who, page in told.items() if 'photo-wall' in page} == {'pictured'}


def test_a_page_that_states_no_right_is_the_patients_alone_and_an_error_at_start(ana, luis, settings):
    @who_may(Who.DIARIST)
    def forgotten(request):
        raise AssertionError('let in')

    settings.ROOT_URLCONF = Urls(forgotten)
    assert client_of(luis).get('/forgotten/').status_code == 404
    with pytest.raises(AssertionError, match='let in'):
        client_of(ana).get('/forgotten/')
    assert [error.msg[:13] for error in run_checks() if error.id == 'vigil.E013'] == ['/forgotten/ d']


def test_nobody_can_be_given_what_is_the_patients_alone(luis):
    assert Right.OWN not in rights_of(luis)
