"""The patient's reminders: whether, when, and how."""

from datetime import time
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts.channels import push
from alerts.forms.reminder import NO, YES, ReminderForm
from alerts.models import Channel
from alerts.queries.notifications import ways_of_member
from alerts.services.ways import add_way, remove_way
from alerts.words.ways import shown
from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient, User
from clinic.rights import Right
from diary.models import Reminder
from diary.services import reminders

USUAL = time(18)


@who_may(Who.DIARIST, Right.OWN)
@require_http_methods(['GET', 'HEAD', 'POST'])
@never_cache
def reminder(request: ActorRequest) -> HttpResponse:
    """Her own; a caregiver is reminded by nobody."""
    patient, user = request.actor.patient, request.actor.user
    assert patient is not None  # the gate lets in nobody else
    form = ReminderForm(request.POST or None, initial=_chosen(patient, user))
    if form.is_valid():
        given = form.cleaned_data
        with transaction.atomic():
            reminders.choose(patient=patient, is_on=given['remind'] == YES, at=given['at'], now=request.now)
            if 'number' in given:
                _text_to(user, given['number'].as_e164 if given['number'] else '', request)
        messages.success(request, _said(given))
        return redirect('diary:today')
    page = {
        'form': form,
        'patient': patient,
        'push_key': push.public_key(),
        'devices': [shown(way) for way in ways_of_member(user).filter(channel=Channel.PUSH)],
    }
    return render(request, 'alerts/reminder.html', page, status=422 if form.is_bound else 200)


def _chosen(patient: Patient, user: User) -> dict[str, Any]:
    there = Reminder.objects.filter(patient=patient).first()
    number = ways_of_member(user).filter(channel=Channel.SMS).values_list('address', flat=True).first()
    return {'remind': NO if there and not there.is_on else YES, 'at': there.at if there else USUAL, 'number': number}


def _text_to(user: User, number: str, request: ActorRequest) -> None:
    """One number at most: another one takes its place."""
    for way in ways_of_member(user).filter(channel=Channel.SMS).exclude(address=number):
        remove_way(way=way, now=request.now)
    if number:
        add_way(user=user, channel=Channel.SMS, address=number, label='', now=request.now)


def _said(given: dict[str, Any]) -> str:
    if given['remind'] == NO:
        return _('You will not be reminded.')
    return _('You will be reminded each day at %(at)s, unless you have written already.') % {
        'at': given['at'].strftime('%H:%M').removeprefix('0')
    }
