"""The stage itself: the cast is as its names say, and the harness is as strict as it claims."""

import pytest
from django.template import engines
from django.template.loader import render_to_string

from clinic.access import actor_of, patients_of
from tests.cast import NOW, user_of
from tests.conftest import UnknownVariable


def test_everybody_of_the_cast_can_be_on_stage_at_once(ana, ben, luis, carmen, rosa, tom, grace, sam, olga, superuser):
    assert ana.clinic == ben.clinic == rosa.clinic == tom.clinic == grace.clinic
    assert sam.clinic == olga.clinic != ana.clinic
    assert ana.primary_nurse == rosa
    assert (luis.can_write, carmen.can_write) == (True, False)


def actor(rf, person):
    request = rf.get('/')
    request.user = user_of(person)
    request.session = {}
    return actor_of(request, now=NOW)


def test_a_nurse_sees_the_patients_of_her_clinic_only(rf, ana, ben, olga, rosa, sam):
    assert set(patients_of(actor(rf, rosa))) == {ana, ben}
    assert set(patients_of(actor(rf, sam))) == {olga}


def test_a_template_of_ours_that_names_an_unknown_variable_fails(tmp_path, settings):
    template = engines['django'].from_string('{{ nobody }}')
    template.template.origin.name = str(settings.BASE_DIR / 'templates' / 'made_up.html')
    with pytest.raises(UnknownVariable, match='nobody'):
        template.render({})


def test_a_librarys_template_may_stay_sloppy(rf):
    assert render_to_string('django/forms/widgets/text.html', {'widget': {'type': 'text', 'name': 'n', 'attrs': {}}})
