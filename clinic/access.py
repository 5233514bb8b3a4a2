"""The one access gate. Every view says who may come in; a view that says nothing lets nobody in.

Two questions are answered here and nowhere else: which *kind* of person may open a page (`who_may`), and which *patients*
a person may see (`patients_of`). A patient whom one may not see is "not found", never "forbidden": that she exists is
already health data.
"""

import enum
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from clinic.models import Caregiver, Clinic, Membership, Patient, User

View = Callable[..., HttpResponseBase]
SUBJECT_KEY = 'diary_of'  # session: which patient's diary a caregiver has open
CLINIC_KEY = 'clinic'  # session: which clinic a member of several works in now


class Who(enum.Enum):
    """Who may open a page."""

    ANYONE = 'anyone'
    SIGNED_IN = 'signed in'
    DIARIST = 'the patient or a caregiver'
    NURSE = 'a nurse of the clinic'
    ADMIN = 'an admin of the clinic'
    STAFF = 'a nurse or an admin of the clinic'


@dataclass(frozen=True)
class Actor:
    """The person behind a request: the user, the clinic she works in, the diary that she keeps.

    `patient` is the diary's subject: herself, or the patient a caregiver chose; `can_write` whether she may write in it.
    """

    user: User
    membership: Membership | None
    patient: Patient | None
    caregiver: Caregiver | None

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
    def can_write(self) -> bool:
        return self.patient is not None and (self.caregiver is None or self.caregiver.can_write)


class ActorRequest(HttpRequest):
    """A request that came through the gate (for type checking)."""

    actor: Actor
    now: datetime


def actor_of(request: HttpRequest, *, now: datetime) -> Actor | None:
    """The signed-in person, with at most three queries; None for a visitor."""
    user = request.user
    if isinstance(user, AnonymousUser) or not user.is_active:
        return None
    patient = Patient.objects.select_related('clinic').filter(user=user).first()
    caregiver = None if patient else _caregiver(user, now=now, chosen=request.session.get(SUBJECT_KEY))
    membership = None if patient or caregiver else _membership(user, chosen=request.session.get(CLINIC_KEY))
    return Actor(user, membership, patient or (caregiver.patient if caregiver else None), caregiver)


def diaries_of(user: User, *, now: datetime) -> QuerySet[Caregiver]:
    """The diaries that a caregiver may open now."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return user.caring_for.filter(running, starts_at__lte=now).select_related('patient__clinic').order_by('pk')


def _caregiver(user: User, *, now: datetime, chosen: str | None) -> Caregiver | None:
    diaries = list(diaries_of(user, now=now))
    wanted = [diary for diary in diaries if str(diary.patient.public_id) == chosen]
    return next(iter(wanted or diaries), None)


def _membership(user: User, *, chosen: int | None) -> Membership | None:
    places = list(user.memberships.filter(active=True).select_related('clinic', 'user').order_by('pk'))
    wanted = [place for place in places if place.clinic_id == chosen]
    return next(iter(wanted or places), None)


def admits(who: Who, actor: Actor | None) -> bool:
    """Whether `actor` may open a page for `who`."""
    if who is Who.ANYONE:
        return True
    if actor is None:
        return False
    return {
        Who.SIGNED_IN: True,
        Who.DIARIST: actor.patient is not None,
        Who.NURSE: actor.is_nurse,
        Who.ADMIN: actor.is_admin,
        Who.STAFF: actor.membership is not None,
    }[who]


def who_may(who: Who) -> Callable[[View], View]:
    """Say who may open a view. The GateMiddleware asks before the view runs."""

    def stamp(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        inner.who_may = who  # type: ignore[attr-defined]
        return inner

    return stamp


def stated(view: Callable[..., Any]) -> Who | None:
    """Who may open `view`, as it states itself; None when it states nothing."""
    return cast('Who | None', getattr(view, 'who_may', None))


def turn_away(request: HttpRequest, actor: Actor | None) -> HttpResponseBase:
    """A visitor is asked to sign in; anybody else learns nothing about what is there."""
    if actor is None:
        return redirect_to_login(request.get_full_path())
    raise Http404


def patients_of(actor: Actor) -> QuerySet[Patient]:
    """Every patient whom `actor` may see: her own diary's, or those of the clinic in which she works."""
    patients = Patient.objects.select_related('clinic')
    if actor.patient is not None:
        return patients.filter(pk=actor.patient.pk)
    if actor.membership is not None:
        return patients.filter(clinic=actor.membership.clinic_id)
    return patients.none()
