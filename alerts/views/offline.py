"""What the phone keeps to give the advice without a network. For whoever writes in the diary, and for no cache between."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from alerts.pages.offline import pack_of
from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right


@who_may(Who.DIARIST, Right.WRITE)
@require_safe
def pack(request: ActorRequest) -> JsonResponse:
    patient = request.actor.patient
    assert patient is not None  # the gate let in somebody with a diary
    response = JsonResponse(pack_of(patient=patient, user=request.actor.user, now=request.now))
    response['Cache-Control'] = 'private, no-store'
    return response
