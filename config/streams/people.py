"""Whose stream it is: the same gate as for a page, asked of the session cookie. It only reads: no session lives longer for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, load_backend
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from clinic.access import Who, actor_of, admits
from clinic.models import Membership, User


@dataclass(frozen=True)
class Watcher:
    """A signed-in nurse in the clinic that she works in now, by primary keys. `password` is her session's mark of her password."""

    session: str
    user: int
    clinic: int
    password: str


def session_key(cookies: str) -> str:
    """The session's key in a Cookie header; empty when there is none."""
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ''
    return found.value if found else ''


def watcher_of(key: str, *, now: datetime) -> Watcher | None:
    """Who stands behind a session, if she may see a worklist; None for everybody else."""
    session = SessionStore(key)
    user = _user_of(session)
    if user is None:
        return None
    request = HttpRequest()
    request.session, request.user = session, user
    actor = actor_of(request, now=now)
    if actor is None or actor.clinic is None or not admits(Who.NURSE, actor):
        return None
    return Watcher(key, user.pk, actor.clinic.pk, session[HASH_SESSION_KEY])


def _user_of(session: SessionBase) -> User | None:
    """As django.contrib.auth.get_user, but it only reads: that one ends a session whose password has changed."""
    path = session.get(BACKEND_SESSION_KEY)
    if path not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = load_backend(path).get_user(session[SESSION_KEY])
    known = user is not None and constant_time_compare(session.get(HASH_SESSION_KEY, ''), user.get_session_auth_hash())
    return user if known else None


def still_admitted(watchers: Collection[Watcher], *, now: datetime) -> set[Watcher]:
    """Those whose session still runs and who are still active nurses of their clinic. Two queries, however many they are."""
    sessions = set(
        Session.objects.filter(session_key__in={each.session for each in watchers}, expire_date__gt=now).values_list(
            'session_key', flat=True
        )
    )
    places = Membership.objects.filter(
        active=True, is_nurse=True, user__is_active=True, user__in={each.user for each in watchers}
    ).select_related('user')
    known = {(place.user_id, place.clinic_id): place.user.get_session_auth_hash() for place in places}
    return {each for each in watchers if each.session in sessions and _same(each, known)}


def _same(watcher: Watcher, known: dict[tuple[int, int], str]) -> bool:
    mark = known.get((watcher.user, watcher.clinic))
    return mark is not None and constant_time_compare(watcher.password, mark)
