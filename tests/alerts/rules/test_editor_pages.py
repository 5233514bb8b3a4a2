"""The editor's pages as a browser without JavaScript meets them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts.content import default_rules, rules_mapping
from alerts.models import RuleSet, RuleSetEvent
from alerts.services.rules.drafting import begin
from clinic.models import Clinic, Membership
from tests.alerts.rules.editor_form import Form, form_of
from tests.cast import NOW, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(riverside: Clinic, grace: Membership, content: RuleSet, now: Any) -> RuleSet:
    return begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)


@pytest.fixture
def browser(grace: Membership) -> Client:
    return client_of(grace)


def opened(browser: Client, draft: RuleSet, rule: str) -> Form:
    return form_of(browser.get(reverse('alerts:rule_edit', args=[draft.pk, rule])))


@pytest.mark.parametrize('rule', sorted(default_rules().rules))
def test_a_default_rule_saved_unchanged_stays_just_as_it_is(browser: Client, draft: RuleSet, rule: str) -> None:
    form = opened(browser, draft, rule)
    answer = form.press(browser, 'save')
    assert (answer.status_code, answer.headers.get('Location')) == (302, reverse('alerts:rule_set', args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.content == rules_mapping()
    assert draft.edits == 0
    assert RuleSetEvent.objects.filter(rule_set=draft, kind='changed').count() == 0
