"""Whether the words about who sees what come before the page that was asked for. Safety never waits for them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from clinic.access import Actor, Agreement
from clinic.rights import Right

LATER_KEY = 'words_later'  # session: the day on which a changed text was put off
BEFORE_ALL = frozenset({Right.SAFETY, Right.ADVICE})


def words_first(request: HttpRequest, actor: Actor, rights: frozenset[Right]) -> HttpResponse | None:
    """The way to the words for who has to read them before a page with these rights; None for everybody else."""
    asked = bool(actor.patient) and not rights & BEFORE_ALL and _asks(request, actor, rights)
    if not asked:
        return None
    here = {'next': request.get_full_path()} if request.method in ('GET', 'HEAD') else None
    response = HttpResponseRedirect(reverse(settings.WELCOME_URL, query=here))
    response.status_code = 303  # the next request is a GET, whatever this one was
    return response


def _asks(request: HttpRequest, actor: Actor, rights: frozenset[Right]) -> bool:
    match actor.agreement:
        case Agreement.NEVER:
            return True
        case Agreement.TAKEN_BACK:  # reading what is there stays hers; writing would begin it again
            return Right.WRITE in rights
        case (
            Agreement.EARLIER
        ):  # she agreed to the diary: nothing that is being sent, and no part of a page, is held up
            return _opens_a_page(request) and request.session.get(LATER_KEY) != _today(request, actor)
        case Agreement.NOW:
            return False


def put_off(request: HttpRequest, actor: Actor) -> None:
    """Not today: a changed text is asked about again tomorrow."""
    request.session[LATER_KEY] = _today(request, actor)


def _opens_a_page(request: HttpRequest) -> bool:
    part = request.headers.get('Sec-Fetch-Dest', 'document') != 'document' or 'HX-Request' in request.headers
    return request.method in ('GET', 'HEAD') and not part


def _today(request: HttpRequest, actor: Actor) -> str:
    assert actor.patient is not None  # asked of who keeps a diary
    return request.now.astimezone(actor.patient.zone).date().isoformat()  # type: ignore[attr-defined,no-any-return]
