"""The gate: every address × every member of the cast, against a table that is written out.

A new view fails this test until it has a line here. Addresses with an object name one of Ana's; Ben is another patient of
the same clinic, Olga and Sam are of another clinic.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

import pytest
from django.core.checks import run_checks
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern
from django.views.decorators.http import require_POST

from alerts.models import OnCallOverride, OnCallShift, Silence
from alerts.services.rules.drafting import begin
from clinic.access import Who, who_may
from clinic.services.invitations import invite_caregiver, invite_member
from diary.models import Baseline, Context, DiaryPause, PlannedVisit
from tests.alerts.conftest import open_alert
from tests.alerts.rules.replay_stage import finished
from tests.alerts.rules.sampled import missed
from tests.cast import NOW, client_of
from tests.diary.conftest import give_dose, write
from tests.diary.pictured import photographed

pytestmark = pytest.mark.django_db

# ✓ comes in · s is asked to sign in · - is told that there is no such page
CAST = ['visitor', 'ana', 'luis', 'carmen', 'ben', 'olga', 'rosa', 'tom', 'grace', 'sam', 'superuser']
TABLE = """
                                      visitor ana luis carmen ben olga rosa tom grace sam superuser
GET  health_live                         ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  health_ready                        ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  health_work                         ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  metrics                             -     -   -     -     -   -    -   -    -    -     -

GET  account_login                       ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_logout                      s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_inactive                    ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_signup                      ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_change_password             s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_reset_password              ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_reset_password_done         ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_reset_password_from_key     ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  account_reset_password_from_key_done ✓    ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓

GET  clinic:home                         ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  clinic:demo                         -     -   -     -     -   -    -   -    -    -     -
POST clinic:demo_become                  -     -   -     -     -   -    -   -    -    -     -
GET  clinic:invitation                   ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  clinic:me                           s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  clinic:looks                        s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  clinic:whose                        s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  clinic:agreement                    s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  clinic:stop                         s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  clinic:helpers                      s     ✓   -     -     ✓   ✓    -   -    -    -     -
POST clinic:helpers_seen                 s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  clinic:helper_invite                s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  clinic:helper_change                s     ✓   -     -     -   -    -   -    -    -     -
POST clinic:helper_end                   s     ✓   -     -     -   -    -   -    -    -     -
POST clinic:helper_withdraw              s     ✓   -     -     -   -    -   -    -    -     -
POST clinic:choose_diary                 s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
POST clinic:choose_clinic                s     -   -     -     -   -    -   -    -    -     -
GET  clinic:patients                     s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  clinic:enrol                        s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  clinic:patient_edit                 s     -   -     -     -   -    ✓   ✓    -    -     -
GET  clinic:invite                       s     -   -     -     -   -    ✓   ✓    -    -     -
POST clinic:invite_again                 s     -   -     -     -   -    ✓   ✓    -    -     -
POST clinic:withdraw                     s     -   -     -     -   -    ✓   ✓    -    -     -
POST clinic:end_caregiver                s     -   -     -     -   -    ✓   ✓    -    -     -
POST clinic:paper_consent                s     -   -     -     -   -    -   -    -    -     -
GET  clinic:overview                     s     -   -     -     -   -    -   -    ✓    -     -
GET  clinic:invite_member                s     -   -     -     -   -    -   -    ✓    -     -
POST clinic:withdraw_member              s     -   -     -     -   -    -   -    ✓    -     -

GET  diary:today                         s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:entry_new                     s     ✓   ✓     -     ✓   ✓    -   -    -    -     -
POST diary:nothing_new                   s     ✓   ✓     -     ✓   ✓    -   -    -    -     -
GET  diary:entry                         s     ✓   ✓     ✓     -   -    -   -    -    -     -
GET  diary:entry_correct                 s     ✓   ✓     -     -   -    -   -    -    -     -
GET  diary:photo                         s     ✓   ✓     ✓     -   -    -   -    -    -     -
GET  diary:photo_remove                  s     ✓   ✓     -     -   -    -   -    -    -     -
GET  diary:help                          s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:unsent                        s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:offline_here                  s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:manifest                      ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  alerts:offline_pack                 s     ✓   ✓     -     ✓   ✓    -   -    -    -     -
GET  diary:diary                         s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:day                           s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:charts                        s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:summary_file                  s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:summary                       s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:questions                     s     ✓   ✓     -     ✓   ✓    -   -    -    -     -
GET  diary:export                        s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  diary:export_csv                    s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  diary:export_fhir                   s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  diary:treatment                     s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  diary:own_pause                     s     ✓   ✓     -     ✓   ✓    -   -    -    -     -
POST diary:own_pause_end                 s     ✓   ✓     -     -   -    -   -    -    -     -
GET  diary:patient                       s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:patient_summary_file          s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:patient_summary               s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:patient_charts                s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:patient_entry                 s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:patient_photo                 s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:course_new                    s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:course_delay                  s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:course_stop                   s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:dose_new                      s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:dose_withdraw                 s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:baseline_new                  s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:baseline_withdraw             s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:context_new                   s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:context_end                   s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:context_withdraw              s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:pause_new                     s     -   -     -     -   -    ✓   ✓    -    -     -
GET  diary:visit_new                      s     -   -     -     -   -    ✓   ✓    -    -     -
POST diary:visit_withdraw                s     -   -     -     -   -    ✓   ✓    -    -     -
POST diary:pause_end                     s     -   -     -     -   -    ✓   ✓    -    -     -

GET  alerts:welcome                      s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  alerts:advice                       s     ✓   ✓     ✓     -   -    -   -    -    -     -
GET  alerts:receipt                      s     ✓   ✓     ✓     -   -    -   -    -    -     -
GET  alerts:worklist                     s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  alerts:worklist_rows                s     -   -     -     -   -    ✓   ✓    -    ✓     -
POST alerts:acknowledge_many             s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  alerts:watch                        s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:health_banner                s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:drill_now                    s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:alert                        s     -   -     -     -   -    ✓   ✓    -    -     -
GET  alerts:figures                      s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:figures_csv                  s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:acknowledge                  s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:take_over                    s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:contact                      s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:note                         s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:resolve                      s     -   -     -     -   -    ✓   ✓    -    -     -
GET  alerts:handover                     s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  alerts:silent                       s     -   -     -     -   -    ✓   ✓    -    ✓     -
POST alerts:silence_reached              s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:silence_tried                s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:undo                         s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:mark                         s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:snooze                       s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:wake                         s     -   -     -     -   -    ✓   ✓    -    -     -
GET  alerts:hidden                       s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  alerts:reminder                     s     ✓   -     -     ✓   ✓    -   -    -    -     -
GET  alerts:ways                         s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:ways_number                  s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:ways_service                 s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:ways_device                  s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
POST alerts:ways_device_lost             s     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
POST alerts:ways_move                    s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:ways_remove                  s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
POST alerts:ways_test                    s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:push_worker                  ✓     ✓   ✓     ✓     ✓   ✓    ✓   ✓    ✓    ✓     ✓
GET  alerts:escalation                   s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:escalation_edit              s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:on_call                      s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:on_call_shift_new            s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:on_call_shift_remove         s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:on_call_change_new           s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:on_call_change_withdraw      s     -   -     -     -   -    ✓   -    ✓    -     -
GET  alerts:on_call_hand_over            s     -   -     -     -   -    ✓   ✓    -    ✓     -
POST alerts:on_call_take                 s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  alerts:rule_new                    s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rule_edit                   s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rule_delete                 s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rule_text                   s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rule_text_one               s     -   -     -     -   -    -   -    ✓    -     -

GET  alerts:rules                        s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:rule_set                     s     -   -     -     -   -    ✓   ✓    ✓    -     -
GET  alerts:rules_begin                  s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rules_take_in                s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rule_set_submit              s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rule_set_send_back           s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rule_set_approve             s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rule_set_publish             s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rule_set_discard             s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:rule_set_aside               s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rule_set_take_in             s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:try_it                       s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rules_plain                  s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:rule_plain                   s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:what_we_look_for             s     ✓   ✓     ✓     ✓   ✓    -   -    -    -     -
GET  alerts:trial                        s     -   -     -     -   -    ✓   ✓    ✓    -     -
GET  alerts:trial_entry                  s     -   -     -     -   -    ✓   ✓    ✓    -     -
POST alerts:trial_begin                  s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:trial_end                    s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:replays                      s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:replay                       s     -   -     -     -   -    -   -    ✓    -     -
POST alerts:replay_cancel                s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:replay_csv                   s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:replay_rule                  s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:replay_entry                 s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:rules_export                 s     -   -     -     -   -    ✓   ✓    ✓    -     -
GET  alerts:rules_import                 s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:catalogue_export             s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:catalogue_import             s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:budget                       s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:budget_csv                   s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:budget_limits                s     -   -     -     -   -    -   -    ✓    -     -
GET  alerts:misses                       s     -   -     -     -   -    ✓   ✓    ✓    ✓     -
GET  alerts:samples                      s     -   -     -     -   -    ✓   ✓    -    ✓     -
GET  alerts:sample                       s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:sample_rate                  s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:sample_done                  s     -   -     -     -   -    ✓   ✓    -    -     -
POST alerts:sample_take_back             s     -   -     -     -   -    ✓   ✓    -    -     -
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: what each of the cast gets at an address."""

    method: str
    name: str
    marks: dict[str, str]


def rows() -> list[Row]:
    found = []
    for line in TABLE.splitlines()[2:]:
        if line.strip():
            method, name, *marks = line.split()
            found.append(Row(method, name, dict(zip(CAST, marks, strict=True))))
    return found


@dataclass(frozen=True)
class Place:
    """An address: its name with its namespace, its route, and the names of the objects in it."""

    name: str
    route: str
    names: frozenset[str]


def every_place(resolver: URLResolver, within: Place) -> Iterator[Place]:
    for found in resolver.url_patterns:
        names = within.names | set(found.pattern.converters) | set(found.pattern.regex.groupindex)
        route = within.route + str(found.pattern)
        if isinstance(found, URLResolver):
            space = f'{found.namespace}:' if found.namespace else within.name
            yield from every_place(found, Place(space, route, names))
        else:
            yield Place(f'{within.name}{found.name}', route, names)


def places(*, office: bool) -> dict[str, Place]:
    """Every address of the house, by name; Django admin's with `office`, else all others."""
    start = Place('', '/', frozenset())
    found = {place.name: place for place in every_place(get_resolver(), start)}
    return {name: place for name, place in found.items() if name.startswith('admin:') == office}


@pytest.fixture
def objects(ana, luis, rosa, grace, content, now):
    """One of everything of Ana's that an address can name."""
    entry = write(ana, {'FATIGUE': {'severity': 1}})
    dose = give_dose(ana, 'checkpoint_inhibitor', days_ago=2, by=rosa.user)
    context = Context.objects.create(
        patient=ana, code='on_steroids', from_at=NOW, recorded_by=rosa.user, recorded_at=NOW
    )
    baseline = Baseline.objects.create(
        patient=ana, kind='weight', value=80, raw='80 kg', measured_at=NOW, recorded_by=rosa.user, recorded_at=NOW
    )
    visit = PlannedVisit.objects.create(patient=ana, on=NOW.date(), entered_by=rosa.user, entered_at=NOW)
    pause = DiaryPause.objects.create(
        patient=ana, from_on=NOW.date(), until_on=NOW.date(), reason='away', recorded_by=rosa.user, recorded_at=NOW
    )
    silence = Silence.objects.create(
        patient=ana, clinic=ana.clinic, rule='C06', limit_hours=72, why='usual', since=NOW, due_by=NOW, found_at=NOW
    )
    asked = {'email': 'eva@example.com', 'name': 'Eva Lind', 'now': now}
    invited = invite_caregiver(patient=ana, relationship='', can_write=True, by=rosa.user, **asked)
    member = invite_member(clinic=ana.clinic, is_nurse=True, is_admin=False, by=grace.user, **asked)
    shift = OnCallShift.objects.create(
        clinic=ana.clinic, membership=rosa, starts_weekday=0, starts=time(8), ends_weekday=1, ends=time(8)
    )
    change = OnCallOverride.objects.create(
        clinic=ana.clinic,
        membership=rosa,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
        made_by=rosa.user,
        made_at=NOW,
    )
    draft = begin(clinic=ana.clinic, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)
    return {
        'pk': draft.pk,
        'replay': finished(draft, by=grace.user, on=NOW.date()).pk,
        'revision': entry.revisions.get().pk,
        'source': 'in-force',
        'rule': 'E01',
        'patient': ana.public_id,
        'entry': entry.public_id,
        'photo': photographed(entry).public_id,
        'course': dose.course.public_id,
        'alert': open_alert(ana).public_id,
        'tier': 'urgent',
        'context': context.pk,
        'dose': dose.pk,
        'baseline': baseline.pk,
        'shift': shift.pk,
        'change': change.pk,
        'pause': pause.pk,
        'visit': visit.pk,
        'silence': silence.pk,
        'sample': missed(entry, by=rosa).pk,
        'caregiver': luis.pk,
        'invitation': invited.invitation.pk,
        'member_invitation': member.invitation.pk,
        'token': invited.token,
        'day': entry.day,
        'uidb36': 'a',
        'key': 'b-c',
    }


@pytest.fixture
def browsers(request):
    """Everybody of the cast, each in their own browser."""
    return {who: Client() if who == 'visitor' else client_of(request.getfixturevalue(who)) for who in CAST}


def address(place: Place, objects: dict[str, object]) -> str:
    chosen = objects
    if place.name == 'clinic:withdraw_member':
        chosen = objects | {'invitation': objects['member_invitation']}
    return reverse(place.name, kwargs={key: chosen[key] for key in place.names})


def mark(response) -> str:
    """What an answer means at the gate; a form that was refused is still one that was let in."""
    if response.status_code == 302 and response.url.startswith(reverse('account_login')):
        return 's'
    # 503 is what /health/work says, to anybody, while nothing works in the background.
    in_order = response.status_code < 500 or response.status_code == 503
    return {404: '-', 403: 'x', 405: 'm'}.get(response.status_code, '✓' if in_order else '!')


def knock(client: Client, method: str, path: str, **more: object) -> str:
    """Ask, and undo whatever came of it, so that the order of the cast does not matter."""
    with transaction.atomic():
        answer = mark(client.generic(method, path, **more))
        transaction.set_rollback(True)
    return answer


def test_every_address_has_a_line_in_the_table():
    listed = [row.name for row in rows()]
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == set(places(office=False))


def test_everybody_finds_what_the_table_says_and_nothing_else(browsers, objects):
    known, wrong = places(office=False), []
    for row in rows():
        path = address(known[row.name], objects)
        for who, client in browsers.items():
            found = knock(client, row.method, path)
            if found != row.marks[who]:
                wrong.append(f'{row.name:<40} {who:<10} table {row.marks[who]} but {found}')
    assert not wrong, '\n' + '\n'.join(wrong)


@pytest.mark.parametrize('method', ['HEAD', 'OPTIONS', 'DELETE'])
def test_no_other_method_gets_around_the_gate(browsers, objects, method):
    known, wrong = places(office=False), []
    ours = [row for row in rows() if not row.name.startswith('account_')]  # allauth's OPTIONS names its methods
    for row in ours:
        path = address(known[row.name], objects)
        for who, client in browsers.items():
            if row.marks[who] in '-s' and knock(client, method, path) not in '-sm':
                wrong.append(f'{method} {row.name} lets {who} in')
    assert not wrong, '\n'.join(wrong)


def test_django_admin_is_not_there_for_anybody_but_the_office(browsers):
    outside = {who: browsers[who] for who in ('visitor', 'luis', 'rosa', 'sam')}
    wrong = []
    for name, place in places(office=True).items():
        path = re.sub(r'<[^>]+>', '1', place.route).replace('(?P.*)$', 'nowhere')
        for who, client in outside.items():
            found = knock(client, 'GET', path)
            if found not in '-s' or (found == 's' and who != 'visitor' and name != 'admin:login'):
                wrong.append(f'{path} {who} {found}')
    assert not wrong, '\n'.join(wrong)


def test_an_address_that_nobody_made_is_not_found_by_anybody(browsers):
    for path in ('/no/such/page/', '/patients/not-a-uuid/', '/static/../config/settings.py', '/admin/no/such/table/'):
        assert {who for who, client in browsers.items() if knock(client, 'GET', path) == '✓'} == set()


def test_somebody_elses_patient_and_nobodys_look_the_same(sam, objects):
    client = client_of(sam)
    hers = client.get(reverse('diary:patient', args=[objects['patient']]))
    nobodys = client.get(reverse('diary:patient', args=['11111111-1111-4111-8111-111111111111']))
    assert hers.status_code == nobodys.status_code == 404
    assert hers.content == nobodys.content


def test_after_signing_in_a_visitor_comes_back_to_the_page_but_never_to_a_post(visitor, objects):
    page = reverse('alerts:alert', args=[objects['alert']])
    assert visitor.get(page).url == f'{reverse("account_login")}?next={page}'
    sent = visitor.post(reverse('alerts:acknowledge', args=[objects['alert']]))
    assert sent.url == f'{reverse("account_login")}?next=/'


def test_a_part_of_a_page_sends_the_whole_browser_to_sign_in(visitor, db):
    headers = {'hx-request': 'true', 'hx-current-url': 'http://testserver/worklist/'}
    response = visitor.get(reverse('alerts:worklist_rows'), headers=headers)
    assert response['HX-Redirect'] == f'{reverse("account_login")}?next=/worklist/'


# -- the start-up check ------------------------------------------------------------------------------------------------
def unstamped(request):
    raise AssertionError('never called')


@require_POST
@who_may(Who.ADMIN)
def stamped(request):
    raise AssertionError('never called')


class Urls:
    """A URLconf, as Django takes one."""

    def __init__(self, *views):
        self.urlpatterns = [URLPattern(pattern=_route(view.__name__), callback=view) for view in views]


def _route(name):
    return RoutePattern(f'{name}/', is_endpoint=True)


def test_the_house_as_it_stands_passes_the_check():
    assert [message for message in run_checks() if message.id == 'vigil.E010'] == []


def test_a_view_that_names_nobody_is_an_error_at_start(settings):
    settings.ROOT_URLCONF = Urls(unstamped, stamped)
    errors = [message for message in run_checks() if message.id == 'vigil.E010']
    assert [error.msg for error in errors] == ['/unstamped/ does not say who may open it.']


def test_a_view_that_names_nobody_lets_nobody_in(settings, visitor):
    settings.ROOT_URLCONF = Urls(unstamped)
    with pytest.raises(Exception, match='does not say who may open it'):
        visitor.get('/unstamped/')
