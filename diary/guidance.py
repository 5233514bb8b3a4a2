"""What the founding documents say for the point at which a patient stands, in their own words and with their source."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from diary.timeline import Phase, Place

SOON = 2  # days after a dose in which the allergic rules look back (48 hours)


@dataclass(frozen=True)
class Quote:
    """A sentence of a founding document. `code` is its id in alerts/clinical/sources.yaml, where it stands there."""

    text: Promise
    source: Promise
    code: str = ''


PENN = _('What is immunotherapy? Penn Medicine')
ONCOLINK = _('Immunotherapy (patient sheet). OncoLink, Trustees of the University of Pennsylvania, 2025')
CTCA = _('Immunotherapy. Cancer Treatment Centers of America, updated July 20, 2022')
CLEVELAND = _('Immunotherapy. Cleveland Clinic, last reviewed 10/01/2020')

ANY_TIME = Quote(
    _('There is no set timeline for when side effects might appear, either during or after treatment.'),
    PENN,
    'penn-any-time',
)
RIGHT_AWAY = Quote(
    _('Tell your care team right away if you feel any of these symptoms during or after your treatment.'),
    ONCOLINK,
    'oncolink-right-away',
)
FLU_LIKE = Quote(
    _(
        'you may experience flu-like symptoms—including fever, chills, weakness, dizziness, nausea, muscle aches, '
        'fatigue or headache'
    ),
    CTCA,
    'ctca-flu-like',
)
LESS_LATER = Quote(
    _('The side effects of immunotherapy generally become less severe after the first treatment.'),
    CTCA,
    'ctca-less-after-first',
)
REST = Quote(
    _(
        'With cyclic immunotherapy, you take a rest period after treatment. '
        'The break gives your body time to produce healthy cells.'
    ),
    CLEVELAND,
)
LATE = Quote(
    _('Immunotherapy is new, and we are still learning what long-term side effects there may be later.'),
    ONCOLINK,
)


def quotes_for(place: Place) -> list[Quote]:
    """What fits this point, the nearest first; at most three."""
    if place.phase is Phase.AFTER:
        return [ANY_TIME, LATE]
    if place.phase is Phase.BEFORE:
        return [FLU_LIKE, ANY_TIME]
    soon = place.days_since_dose is not None and place.days_since_dose <= SOON
    chosen = [FLU_LIKE, RIGHT_AWAY] if soon else []
    if place.rest and not soon:
        chosen.append(REST)
    if (place.cycle or 1) > 1:
        chosen.append(LESS_LATER)
    return [*chosen, ANY_TIME][:3]
