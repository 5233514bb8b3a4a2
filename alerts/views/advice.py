"""The page right after saving: what to do now, first and large; then the receipt; then why."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.pages.receipts import receipt_of
from alerts.queries.cases import entry_for, unanswered
from alerts.services.advice import advise
from alerts.words.advice import still_open, words_for
from alerts.words.times import past_words
from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right

STILL_FRESH_HOURS = 12


@who_may(Who.DIARIST, Right.ADVICE)
@require_safe
@never_cache
def advice(request: ActorRequest, entry: UUID) -> HttpResponse:
    found, now = entry_for(request.actor, entry), request.now
    zone = found.patient.zone
    advised = advise(entry=found, now=now)
    old = (now - found.about_at).total_seconds() > STILL_FRESH_HOURS * 3600
    page = {
        'entry': found,
        'advice': advised,
        'words': words_for(advised, now=now, zone=zone),
        'still_open': still_open(advised, unanswered(found.patient)),
        'about': past_words(found.about_at, now=now, zone=zone) if old else '',
        'receipt': receipt_of(found, now=now, promised=advised.seen_by),
    }
    return render(request, 'alerts/advice.html', page)


@who_may(Who.DIARIST, Right.ADVICE)
@require_safe
@never_cache
def receipt(request: ActorRequest, entry: UUID) -> HttpResponse:
    """The receipt alone, for the page that keeps itself up to date."""
    found = entry_for(request.actor, entry)
    return render(
        request, 'alerts/advice_receipt.html', {'entry': found, 'receipt': receipt_of(found, now=request.now)}
    )
