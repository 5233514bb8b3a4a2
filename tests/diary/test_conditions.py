"""Usual values and contexts: units, overlaps, and since when the rules must look again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic.models import Membership, Patient
from diary.models import Baseline, Context
from diary.services.conditions import (
    FROM_THE_BEGINNING,
    PLAUSIBLE,
    end_context,
    record_baseline,
    start_context,
)
from diary.services.treatment import TreatmentRefused
from diary.signals import treatment_changed
from tests.cast import NOW
from tests.diary.conftest import catalogue_mapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def since() -> Any:
    """The instants since which treatment_changed told of a change."""
    told: list[Any] = []

    def listen(sender: Any, **kwargs: Any) -> None:
        told.append(kwargs['since'])

    treatment_changed.connect(listen)
    yield told
    treatment_changed.disconnect(listen)


def measure(ana: Patient, rosa: Membership, kind: str, number: str, unit: str = '', **fields: Any) -> Baseline:
    usual = {'measured_at': NOW - timedelta(10), 'by': rosa.user, 'now': NOW}
    return record_baseline(patient=ana, kind=kind, number=Decimal(number), unit=unit, **(usual | fields))


def hold(ana: Patient, rosa: Membership, **fields: Any) -> Context:
    usual: dict[str, Any] = {'code': 'on_steroids', 'from_at': NOW - timedelta(5), 'until_at': None}
    return start_context(patient=ana, by=rosa.user, now=NOW, **(usual | fields))


def test_pounds_are_stored_as_kilograms_with_what_was_typed(ana: Patient, rosa: Membership) -> None:
    baseline = measure(ana, rosa, 'weight', '176', 'lb')
    assert (baseline.value, baseline.raw) == (Decimal('79.8323'), '176 lb')


@pytest.mark.parametrize(('kind', 'number'), [('weight', '19'), ('systolic_bp', '300'), ('stools_24h', '41')])
def test_a_value_that_nobody_has_is_refused(ana: Patient, rosa: Membership, kind: str, number: str) -> None:
    with pytest.raises(TreatmentRefused):
        measure(ana, rosa, kind, number, 'kg')
    assert not Baseline.objects.exists()


def test_what_is_plausible_is_what_the_catalogue_says() -> None:
    mapping = catalogue_mapping()
    ranges = {
        'stools_24h': mapping['symptoms']['DIARRHEA']['answers']['stools_24h'].split()[1],
        'systolic_bp': mapping['measurements']['systolic_bp']['range'],
        'weight': mapping['measurements']['weight']['range'],
    }
    assert {kind: f'{low}-{high}' for kind, (low, high) in PLAUSIBLE.items()} == ranges


def test_the_first_usual_value_also_counts_for_what_was_written_before(
    ana: Patient, rosa: Membership, since: list[Any]
) -> None:
    first = measure(ana, rosa, 'weight', '80', 'kg')
    second = measure(ana, rosa, 'weight', '78', 'kg', measured_at=NOW - timedelta(2))
    assert since == [FROM_THE_BEGINNING, second.measured_at]
    assert first.measured_at < second.measured_at


def test_a_usual_value_from_the_future_is_refused(ana: Patient, rosa: Membership) -> None:
    with pytest.raises(TreatmentRefused, match='still to come'):
        measure(ana, rosa, 'weight', '80', 'kg', measured_at=NOW + timedelta(1))


def test_a_context_makes_the_rules_look_again_since_it_began(ana: Patient, rosa: Membership, since: list[Any]) -> None:
    context = hold(ana, rosa)
    assert since == [context.from_at]


def test_the_same_context_cannot_hold_twice_at_once(ana: Patient, rosa: Membership) -> None:
    hold(ana, rosa)
    with pytest.raises(TreatmentRefused, match='noted for that time'):
        hold(ana, rosa, from_at=NOW - timedelta(1))
    hold(ana, rosa, code='neutropenia_risk')
    assert Context.objects.count() == 2


def test_a_context_may_hold_again_after_it_ended(ana: Patient, rosa: Membership) -> None:
    hold(ana, rosa, until_at=NOW - timedelta(3))
    hold(ana, rosa, from_at=NOW - timedelta(2))
    assert Context.objects.count() == 2


def test_ending_a_context_makes_the_rules_look_again_since_then(
    ana: Patient, rosa: Membership, since: list[Any]
) -> None:
    context = hold(ana, rosa)
    ended = end_context(context=context, until_at=NOW - timedelta(1), now=NOW)
    assert ended.until_at == NOW - timedelta(1)
    assert since[-1] == NOW - timedelta(1)


def test_an_ended_context_is_not_ended_again(ana: Patient, rosa: Membership) -> None:
    context = hold(ana, rosa, until_at=NOW - timedelta(3))
    with pytest.raises(TreatmentRefused, match='ended already'):
        end_context(context=context, until_at=NOW, now=NOW)


def test_a_context_does_not_end_before_it_began(ana: Patient, rosa: Membership) -> None:
    with pytest.raises(TreatmentRefused, match='before the beginning'):
        end_context(context=hold(ana, rosa), until_at=NOW - timedelta(9), now=NOW)
