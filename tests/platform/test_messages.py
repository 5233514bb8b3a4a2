"""The interface in other languages: a message that is missing fails here."""

import pytest
from babel.messages.catalog import Catalog

from config.tools import messages


@pytest.mark.parametrize('language', messages.LANGUAGES)
def test_everything_is_said_in_every_language(language: str) -> None:
    assert messages.faults(language) == []


@pytest.mark.parametrize('language', messages.LANGUAGES)
def test_what_is_compiled_is_what_translators_wrote(language: str) -> None:
    made = messages.po_of(language).with_suffix('.mo').read_bytes()
    assert made == messages.compiled(messages.read(language))


def test_messages_of_templates_and_of_code_are_found() -> None:
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in messages.found()}
    assert {'Worklist', 'Phone your team now', 'Nothing new today'} <= ids
    assert len(ids) > 2_000


@pytest.mark.parametrize(
    ('original', 'said', 'fault'),
    [
        ('Seen by %(name)s', 'Vista por %(nombre)s', 'other placeholders'),
        ('Seen by %(name)s', 'Vista', 'without name'),
        ('Seen by %(name)s', 'Vista por %(name)s', ''),
        (('%(n)d entry', '%(n)d entries'), ('una anotación', '%(n)d anotaciones'), ''),
        (('%(n)d entry of %(who)s', '%(n)d entries of %(who)s'), ('una', '%(n)d de %(who)s'), 'without who'),
    ],
)
def test_placeholders_that_do_not_fit_are_a_fault(original: str, said: str, fault: str) -> None:
    catalog = Catalog(locale='es')
    catalog.add(original, said)
    assert messages._places(catalog.get(original)) == fault
