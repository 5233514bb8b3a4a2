"""One's own data to take away: the page, the table and the FHIR bundle. The patient's alone: a caregiver takes nothing away."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right
from diary.catalogue import current_catalogue
from diary.export.fhir import bundle_of
from diary.export.gathered import canonical, gathered
from diary.export.table import table_of
from diary.views.guard import subject_of


@require_safe
@who_may(Who.DIARIST, Right.OWN)
def export(request: ActorRequest) -> HttpResponse:
    return render(request, 'diary/export.html', {'patient': subject_of(request)})


@require_safe
@never_cache
@who_may(Who.DIARIST, Right.OWN)
def export_csv(request: ActorRequest) -> HttpResponse:
    return _file(table_of(gathered(subject_of(request)), current_catalogue()), 'text/csv', 'diary.csv')


@require_safe
@never_cache
@who_may(Who.DIARIST, Right.OWN)
def export_fhir(request: ActorRequest) -> HttpResponse:
    bundle = bundle_of(gathered(subject_of(request)), current_catalogue())
    return _file(canonical(bundle), 'application/fhir+json', 'diary.fhir.json')


def _file(text: str, kind: str, name: str) -> HttpResponse:
    headers = {'Content-Disposition': f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f'{kind}; charset=utf-8', headers=headers)
