"""Several same-day alerts are taken at once; what asks for somebody now is not."""

from typing import Any
from uuid import uuid4

import pytest

from alerts.models import Alert
from alerts.services import working
from clinic.models import Membership, Patient
from tests.alerts.conftest import open_alert
from tests.alerts.test_worklist import listed
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')


def take(nurse: Membership, *alerts: Alert, htmx: bool = True, **given: str) -> Any:
    named = [f'{alert.public_id}:{alert.version}' for alert in alerts]
    posted = {'whose': 'all', 'tier': '', 'page': '1', 'selected': '', 'alert': named} | given
    headers = {'HX-Request': 'true'} if htmx else {}
    return client_of(nurse).post('/worklist/acknowledge/', posted, headers=headers)


def owner_of(alert: Alert) -> str:
    alert.refresh_from_db()
    return alert.owner.name if alert.owner else ''


def test_only_same_day_rows_that_wait_have_a_box(ana: Patient, ben: Patient, rosa: Membership) -> None:
    alert, red = open_alert(ana, tier='same_day'), open_alert(ben)
    text = listed(rosa)
    assert f'value="{alert.public_id}:1"' in text
    assert f'{red.public_id}:1' not in text
    working.acknowledge(alert=alert, by=rosa.user, now=NOW)
    assert 'type="checkbox" id="take-' not in listed(rosa)
    assert 'id="take-many"' not in listed(rosa)


def test_the_chosen_ones_are_hers_and_the_list_says_so(ana: Patient, ben: Patient, rosa: Membership) -> None:
    alerts = [open_alert(ana, tier='same_day'), open_alert(ben, tier='same_day')]
    text = take(rosa, *alerts).content.decode()
    assert '2 alerts are yours.' in text
    assert '<html' not in text
    assert [owner_of(alert) for alert in alerts] == ['Rosa Diaz', 'Rosa Diaz']


def test_without_javascript_she_is_led_back_to_her_list(ana: Patient, rosa: Membership) -> None:
    client, alert = client_of(rosa), open_alert(ana, tier='same_day')
    posted = {'whose': 'unowned', 'tier': 'same_day', 'page': '1', 'alert': f'{alert.public_id}:1'}
    response = client.post('/worklist/acknowledge/', posted, follow=True)
    assert response.redirect_chain == [('/worklist/?whose=unowned&tier=same_day', 302)]
    assert '1 alert is yours.' in response.content.decode()


def test_red_is_refused_in_words_and_nothing_is_taken(ana: Patient, ben: Patient, rosa: Membership) -> None:
    amber, red = open_alert(ana, tier='same_day'), open_alert(ben)
    text = take(rosa, amber, red).content.decode()
    assert 'Emergency and urgent alerts are taken one by one, after reading them. Nothing was done.' in text
    assert (owner_of(amber), owner_of(red)) == ('', '')


def test_what_could_not_be_taken_is_told_by_name(ana: Patient, ben: Patient, rosa: Membership, tom: Membership) -> None:
    hers, changed = open_alert(ana, tier='same_day'), open_alert(ben, tier='same_day')
    Alert.objects.filter(pk=changed.pk).update(version=2)
    text = take(rosa, hers, changed).content.decode()
    assert '1 alert is yours. Not taken, because something changed: Ben Katz.' in text
    assert (owner_of(hers), owner_of(changed)) == ('Rosa Diaz', '')


def test_nothing_chosen_is_told(rosa: Membership) -> None:
    assert 'Choose one or more same-day alerts first.' in take(rosa).content.decode()


def test_what_is_no_alert_of_hers_is_not_found_and_nothing_is_taken(
    ana: Patient, olga: Patient, rosa: Membership, sam: Membership
) -> None:
    mine, strangers = open_alert(ana, tier='same_day'), open_alert(olga, tier='same_day')
    assert take(rosa, mine, strangers).status_code == 404
    for named in ('nonsense', str(mine.public_id), f'{mine.public_id}:one', f'{uuid4()}:1'):
        assert client_of(rosa).post('/worklist/acknowledge/', {'alert': named}).status_code == 404
    assert (owner_of(mine), owner_of(strangers)) == ('', '')
