"""What every connection to the database asks for, so that a frozen or cut-off process holds nothing for long."""

import pytest
from django.db import connection

from config.settings import _database


@pytest.mark.django_db
@pytest.mark.parametrize(('name', 'value'), [('idle_in_transaction_session_timeout', '1min'), ('lock_timeout', '75s')])
def test_a_session_lets_go_of_what_it_holds(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'show {name}')
        assert cursor.fetchone() == (value,)


def test_both_ends_look_whether_the_other_is_still_there() -> None:
    options = _database('postgresql://me@db.example/vigil')['OPTIONS']
    assert {'keepalives_idle': '30', 'keepalives_interval': '10', 'keepalives_count': '3'}.items() <= options.items()
    assert '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3' in options['options']


def test_what_the_address_says_has_the_last_word() -> None:
    given = 'postgresql://me@db.example/vigil?keepalives_idle=5&sslmode=require&options=-c%20lock_timeout%3D1000'
    options = _database(given)['OPTIONS']
    assert (options['keepalives_idle'], options['sslmode']) == ('5', 'require')
    assert options['options'].endswith(' -c lock_timeout=1000')
    assert 'idle_in_transaction_session_timeout=60000' in options['options']
