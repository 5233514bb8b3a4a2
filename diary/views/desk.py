"""The page on which an entry is written, for a new one and for a correction: what it asks, what was read from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from clinic.access import ActorRequest
from clinic.models import Patient
from diary.answers import MEASURED, Document, Reading, read_posted
from diary.asking import Group, Why
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.forms import EntryPage
from diary.queries import Where
from diary.queries_entries import days_since_dose, last_measured
from diary.sheet import Before
from diary.times import KEPT_DIGITS, About
from diary.uploads import symptom_of
from diary.views.guard import units_of

GET_OR_POST = require_http_methods(['GET', 'HEAD', 'POST'])
# After an error she goes back and sends again (500.html): the browser may keep what she typed, and nobody between us.
KEPT_FOR_GOING_BACK = cache_control(private=True, no_cache=True)


@dataclass(frozen=True)
class Desk:
    """What a page needs that reads or shows questions: whose, when, in which words, about what."""

    request: ActorRequest
    patient: Patient
    about: About
    catalogue: CatalogueView
    offered: Mapping[str, SymptomSpec]
    posted: Mapping[str, str]

    def read(self) -> Reading:
        codes = [
            code for code in self.catalogue.measurements if self.posted.get(f'{MEASURED}.{code}') and code == 'weight'
        ]
        return read_posted(
            self.posted,
            self.catalogue,
            units=units_of(self.patient),
            offered=self.offered,
            last=last_measured(self.patient, codes, before=self.about.latest),
        )


def desk_of(request: ActorRequest, patient: Patient, about: About, *, also: Document | None = None) -> Desk:
    """`also`: a document whose symptoms are asked about too, though they would not be today."""
    catalogue = current_catalogue()
    limited = {
        spec.only_for.therapy for spec in catalogue.symptoms.values() if spec.only_for and _wanted(request, spec)
    }
    since = days_since_dose(patient, limited, at=about.latest) if limited else {}
    offered = catalogue.offered(since)
    if also:
        offered = {**offered, **{code: catalogue.symptom(code) for code in also['answers'] if code not in offered}}
    if about.now < request.now:
        offered = _as_asked(offered, catalogue, request.POST)
    return Desk(request, patient, about, catalogue, offered, _posted(request))


def _as_asked(
    offered: Mapping[str, SymptomSpec], catalogue: CatalogueView, posted: Mapping[str, str]
) -> dict[str, SymptomSpec]:
    """For a page that a phone kept: the symptoms it answers, in the versions that it asked (`asked` names the newest then).

    New wording, the end of a window or a retired symptom must not turn away what she said before.
    """
    text = posted.get('asked', '')
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) <= KEPT_DIGITS else catalogue.newest
    codes = {name.removesuffix('.on') for name in posted if name.endswith('.on')} & set(catalogue.symptoms)
    return {**offered, **{code: catalogue.as_of(code, asked) for code in codes}}


def _posted(request: ActorRequest) -> dict[str, str]:
    """What was typed and chosen. A browser sends a file field that nobody filled as an empty text."""
    return {name: value for name, value in request.POST.dict().items() if not symptom_of(name)}


def _wanted(request: ActorRequest, spec: SymptomSpec) -> bool:
    """Whether it matters if this symptom is asked today: always to show a page, to read one only when it is answered."""
    return request.method != 'POST' or any(name.startswith(f'{spec.code}.') for name in request.POST)


def says_nothing(reading: Reading) -> bool:
    return reading.ok and not any(reading.document.values())


def entry_page(
    desk: Desk,
    posted: Mapping[str, str],
    reading: Reading,
    context: dict[str, Any],
    *,
    where: Where,
    groups: Sequence[Group],
    before: Mapping[str, Before] | None = None,
    notes: Mapping[str, str] | None = None,
    titles: Mapping[Why, str] | None = None,
    status: int,
) -> HttpResponse:
    page = EntryPage(
        desk.catalogue,
        desk.offered,
        units_of(desk.patient),
        posted,
        groups=groups,
        before=before or {},
        notes=notes or {},
        titles=titles or {},
        today=desk.request.now.astimezone(desk.patient.zone).date(),
        reading=reading,
    )
    common = {'page': page, 'about': desk.about, 'patient': desk.patient, 'where': where, 'expected': '', 'entry': None}
    common['previous'] = None
    common['photos_again'] = bool(desk.request.FILES)  # no browser fills a file field again
    template = context.pop('template', 'diary/entry_form.html')
    return render(desk.request, template, common | context, status=status)
