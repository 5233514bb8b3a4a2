"""Emergency signs, the lists of the founding documents, and the numbers to phone. Made to be printed and put on the fridge."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right
from diary.queries import where_now
from diary.views.guard import subject_of


@require_safe
@who_may(Who.DIARIST, Right.SAFETY)
def help_page(request: ActorRequest) -> HttpResponse:
    patient = subject_of(request)
    hours = patient.clinic.opening_hours.all()
    return render(
        request, 'diary/help.html', {'patient': patient, 'where': where_now(patient, request.now), 'hours': hours}
    )
