"""One's own data to take away: the page, the table and the FHIR bundle. The patient's alone: a caregiver takes nothing away."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right
from diary.catalogue import current_catalogue
from diary.export.fhir import bundle_text
from diary.export.gathered import gathered
from diary.export.table import table_of
from diary.queries_photos import image_of
from diary.views.guard import subject_of


@require_safe
@who_may(Who.DIARIST, Right.OWN)
def export(request: ActorRequest) -> HttpResponse:
    return render(request, 'diary/export.html', {'patient': subject_of(request)})


@require_safe
@never_cache
@who_may(Who.DIARIST, Right.OWN)
def export_csv(request: ActorRequest) -> HttpResponse:
    table = table_of(gathered(subject_of(request)), current_catalogue())
    return HttpResponse(table, **_as_file('text/csv', 'diary.csv'))


@require_safe
@never_cache
@who_may(Who.DIARIST, Right.OWN)
def export_fhir(request: ActorRequest) -> StreamingHttpResponse:
    """In pieces, a photo at a time."""
    pieces = bundle_text(gathered(subject_of(request)), current_catalogue(), image_of)
    return StreamingHttpResponse(pieces, **_as_file('application/fhir+json', 'diary.fhir.json'))


def _as_file(kind: str, name: str) -> dict[str, Any]:
    headers = {'Content-Disposition': f'attachment; filename="{name}"'}
    return {'content_type': f'{kind}; charset=utf-8', 'headers': headers}
