"""What I agreed to, word for word, and when; and stopping: the diary for a patient, helping for who helps."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access import Actor, ActorRequest, Agreement, Who, who_may
from clinic.consent_words import Told, words_of
from clinic.models import Consent, ConsentAct
from clinic.queries_consent import history_of
from clinic.rights import Right
from clinic.services import caregiving, consenting


@dataclass(frozen=True)
class Said:
    """One yes (or its taking back) with the words as they were read then; no words where they are not to be found any more."""

    consent: Consent
    told: Told | None


@require_safe
@who_may(Who.DIARIST, Right.SAFETY)
def agreement(request: ActorRequest) -> HttpResponse:
    page = {'said': said_by(request.actor), 'stands': request.actor.agreement.name, 'patient': request.actor.patient}
    return render(request, 'clinic/agreement.html', page)


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.DIARIST, Right.SAFETY)
def stop(request: ActorRequest) -> HttpResponse:
    """Asks once, and says what it means. Nothing is deleted."""
    actor = request.actor
    if actor.caregiver is None and actor.agreement is Agreement.TAKEN_BACK:
        return redirect('clinic:agreement')
    if request.method == 'POST':
        return _stopped(request)
    return render(request, 'clinic/stop.html', {'patient': actor.patient})


def _stopped(request: ActorRequest) -> HttpResponse:
    actor, now = request.actor, request.now
    assert actor.patient is not None
    if actor.caregiver is not None:
        caregiving.end_caregiver(caregiver=actor.caregiver, by=actor.user, now=now)
        messages.success(request, _('You do not help with this diary any more.'))
        return redirect('clinic:home')
    consenting.take_back(patient=actor.patient, by=actor.user, now=now)
    messages.success(request, _('You have stopped the diary. We do not ask you any more.'))
    return redirect('clinic:agreement')


def said_by(actor: Actor) -> list[Said]:
    """The newest first."""
    assert actor.patient is not None
    found = history_of(actor.patient, by=actor.user, role=actor.role)
    return [Said(each, _told(each) if each.act == ConsentAct.GIVEN else None) for each in found]


def _told(consent: Consent) -> Told | None:
    """Word for word: only where the words still have the digest that stands in the row."""
    words = words_of(consent.role, consent.version, consent.language)
    return words.told(consent.facts) if words.digest == consent.digest else None
