"""The one access gate. Every view says who may come in; a view that says nothing lets nobody in.

Three questions are answered here and nowhere else: which *kind* of person may open a page (`who_may`), with which *rights* where
it is a patient's and somebody helps her (`Right`), and which *patients* a person may see (`patients_of`). A patient whom one may
not see is "not found", never "forbidden": that she exists is already health data.
"""

import enum
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from clinic.consent_words import current
from clinic.models import Caregiver, Clinic, ConsentRole, Membership, Patient, User
from clinic.queries_consent import TOOK_BACK, said_by_helper, said_of_own, stopped
from clinic.rights import EVERYTHING, Right, rights_of

View = Callable[..., HttpResponseBase]
SUBJECT_KEY = 'diary_of'  # session: which patient's diary a caregiver has open
ALONE = frozenset({Right.OWN})
CLINIC_KEY = 'clinic'  # session: which clinic a member of several works in now


class Who(enum.Enum):
    """Who may open a page."""

    ANYONE = 'anyone'
    SIGNED_IN = 'signed in'
    DIARIST = 'the patient or a caregiver'
    NURSE = 'a nurse of the clinic'
    ADMIN = 'an admin of the clinic'
    LEAD = 'the lead or an admin of the clinic'
    STAFF = 'a nurse or an admin of the clinic'
    OFFICE = 'an admin of the clinic, or whoever runs the server, in Django admin'


class Agreement(enum.Enum):
    """How a person stands to the words about who sees what."""

    NEVER = 'never asked yet'
    EARLIER = 'agreed to words that have changed since'
    NOW = 'agreed'
    TAKEN_BACK = 'took it back'


@dataclass(frozen=True)
class Actor:
    """The person behind a request: the user, the clinic she works in, the diary that she keeps.

    `patient` is the diary's subject: herself, or the patient a caregiver chose; `can_write` whether she may write in it.
    """

    user: User
    membership: Membership | None
    patient: Patient | None
    caregiver: Caregiver | None
    said: int | None = None  # of the open diary: the version of the words that she agreed to, or TOOK_BACK
    chooses: bool = False  # several diaries are open to her, and she has chosen none yet
    elsewhere: tuple[Membership, ...] = ()  # where else she works

    @property
    def role(self) -> ConsentRole:
        return ConsentRole.PATIENT if self.caregiver is None else ConsentRole.CAREGIVER

    @property
    def agreement(self) -> Agreement:
        if self.said is None or self.said == TOOK_BACK:
            return Agreement.NEVER if self.said is None else Agreement.TAKEN_BACK
        return Agreement.NOW if self.said >= current(self.role) else Agreement.EARLIER

    @property
    def clinic(self) -> Clinic | None:
        return self.membership.clinic if self.membership else None

    @property
    def is_nurse(self) -> bool:
        return self.membership is not None and self.membership.is_nurse

    @property
    def is_admin(self) -> bool:
        return self.membership is not None and self.membership.is_admin

    @property
    def is_lead(self) -> bool:
        return self.membership is not None and self.membership.is_lead

    @property
    def rights(self) -> frozenset[Right]:
        """In the diary that is open."""
        if self.patient is None:
            return frozenset()
        return EVERYTHING if self.caregiver is None else rights_of(self.caregiver)

    @property
    def can_write(self) -> bool:
        return Right.WRITE in self.rights and self.agreement is not Agreement.TAKEN_BACK

    @property
    def can_see_advice(self) -> bool:
        return Right.ADVICE in self.rights

    @property
    def can_see_photos(self) -> bool:
        return Right.PHOTOS in self.rights


class ActorRequest(HttpRequest):
    """A request that came through the gate (for type checking)."""

    actor: Actor
    now: datetime


def actor_of(request: HttpRequest, *, now: datetime) -> Actor | None:
    """The signed-in person, with at most three queries; None for a visitor.

    Somebody who both works at a clinic and has a diary open to her works, until she chooses a diary (`SUBJECT_KEY`). A choice
    that holds no longer (the patient has ended it) counts as none.
    """
    user = request.user
    if isinstance(user, AnonymousUser) or not user.is_active:
        return None
    chosen, clinic = request.session.get(SUBJECT_KEY), request.session.get(CLINIC_KEY)
    return (chosen and _keeper(user, now=now, chosen=chosen)) or _usual(user, now=now, clinic=clinic)


def _keeper(user: User, *, now: datetime, chosen: str) -> Actor | None:
    """The person as keeper of the diary that she chose."""
    patient = Patient.objects.select_related('clinic').annotate(said=said_of_own())
    own = patient.filter(user=user, public_id=chosen).first()
    if own is not None:
        return Actor(user, None, own, None, own.said)
    caregiver = diaries_of(user, now=now).filter(patient__public_id=chosen).first()
    return _helper(user, caregiver) if caregiver else None


def _helper(user: User, caregiver: Caregiver) -> Actor:
    return Actor(user, None, caregiver.patient, caregiver, caregiver.said)  # type: ignore[attr-defined]


def _usual(user: User, *, now: datetime, clinic: int | None) -> Actor:
    """The person's first place: her work, else her own diary, else the one that she helps to keep."""
    works = Membership.objects.filter(user=OuterRef('user'), active=True)
    patients = Patient.objects.select_related('clinic').annotate(works=Exists(works), said=said_of_own())
    patient = patients.filter(user=user).first()
    if patient is not None and not patient.works:
        return Actor(user, None, patient, None, patient.said)
    membership, elsewhere = _work(user, chosen=clinic)
    # Of several diaries she chooses one: nobody shall write in the wrong one because it came first.
    helps = [] if membership else list(diaries_of(user, now=now)[:2])
    if len(helps) == 1:
        return _helper(user, helps[0])
    return Actor(user, membership, None, None, chooses=bool(helps), elsewhere=elsewhere)


def diaries_of(user: User, *, now: datetime) -> QuerySet[Caregiver]:
    """The diaries that a caregiver may open now, each with what she `said` to the words. One that its patient stopped is none."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    places = user.caring_for.filter(running, ~stopped(), starts_at__lte=now).annotate(said=said_by_helper())
    return places.select_related('patient__clinic').order_by('pk')


def _work(user: User, *, chosen: int | None) -> tuple[Membership | None, tuple[Membership, ...]]:
    """Where she works now, the first place unless she chose another, and where else."""
    places = list(works_of(user))
    wanted = [place for place in places if place.clinic_id == chosen]
    now = next(iter(wanted or places), None)
    return now, tuple(place for place in places if place is not now)


def works_of(user: User) -> QuerySet[Membership]:
    """The clinics that she works in."""
    return user.memberships.filter(active=True).select_related('clinic', 'user').order_by('pk')


def admits(who: Who, actor: Actor | None, rights: frozenset[Right] = ALONE) -> bool:
    """Whether `actor` may open a page for `who`; one for whoever keeps a diary, only with all of `rights` in it."""
    if who is Who.ANYONE:
        return True
    if actor is None:
        return False
    return {
        Who.SIGNED_IN: True,
        Who.DIARIST: actor.patient is not None and rights <= actor.rights,
        Who.NURSE: actor.is_nurse,
        Who.ADMIN: actor.is_admin,
        Who.LEAD: actor.is_admin or actor.is_lead,
        Who.STAFF: actor.membership is not None,
        Who.OFFICE: actor.user.is_superuser or (actor.is_admin and actor.user.is_staff),
    }[who]


def who_may(who: Who, *rights: Right) -> Callable[[View], View]:
    """Say who may open a view, and for `Who.DIARIST` which rights it needs. The GateMiddleware asks before the view runs."""

    def stamp(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        inner.who_may = who  # type: ignore[attr-defined]
        inner.rights = frozenset(rights)  # type: ignore[attr-defined]
        return inner

    return stamp


def only_reads(view: View) -> View:
    """Say that a view's POST changes nothing: what is asked does not belong into an address."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


def reads_by_post(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and getattr(match.func, 'only_reads', False)


def stated(view: Callable[..., Any]) -> Who | None:
    """Who may open `view`, as it states itself; None when it states nothing."""
    return cast('Who | None', getattr(view, 'who_may', None))


def needed(view: Callable[..., Any]) -> frozenset[Right]:
    """The rights that `view` states; the patient's alone when it states none, so that nothing is given away by forgetting."""
    return getattr(view, 'rights', None) or ALONE


def turn_away(request: HttpRequest, actor: Actor | None) -> HttpResponseBase:
    """A visitor is asked to sign in, who helps several people which diary; anybody else learns nothing about what is there."""
    if actor is not None:
        if actor.chooses and stated(request.resolver_match.func) is Who.DIARIST:  # type: ignore[union-attr]
            return redirect('clinic:whose')
        raise Http404
    htmx = getattr(request, 'htmx', None)
    if htmx:  # a part of a page would show the sign-in page inside itself
        return HttpResponseClientRedirect(redirect_to_login(htmx.current_url_abs_path or '/').url)
    # After signing in the browser asks with GET, which a page that only takes a POST would refuse.
    back = request.get_full_path() if request.method in ('GET', 'HEAD') else reverse('clinic:home')
    return redirect_to_login(back)


def clinic_of(request: ActorRequest) -> Clinic:
    """The clinic in which the person works now. Only for views that the gate opens to the clinic's staff alone."""
    clinic = request.actor.clinic
    assert clinic is not None  # the gate let in a member
    return clinic


def patients_of(actor: Actor) -> QuerySet[Patient]:
    """Every patient whom `actor` may see: her own diary's, or those of the clinic in which she works. Never the fire drill's."""
    patients = Patient.objects.filter(is_drill=False).select_related('clinic')
    if actor.patient is not None:
        return patients.filter(pk=actor.patient.pk)
    if actor.membership is not None:
        return patients.filter(clinic=actor.membership.clinic_id)
    return patients.none()
