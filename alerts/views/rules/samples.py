"""Rating sampled entries one by one, blind; and what is done about one that should have been flagged."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts.forms.rules.samples import FollowUpForm, RatingForm
from alerts.forms.whole import whole
from alerts.models import EntrySample, Rating
from alerts.pages.rules.samples import blind
from alerts.queries.rules import samples as queries
from alerts.services.rules import sampling
from alerts.services.rules.sampling import MAY_TAKE_BACK, AlreadyFollowedUp, AlreadyRated, TooLate
from clinic.access import ActorRequest, Who, clinic_of, patients_of, who_may


@who_may(Who.NURSE)
@require_safe
@never_cache
def samples(request: ActorRequest) -> HttpResponse:
    """The next entry to rate; `?after=` is the one that she skips, which comes again at the end."""
    queue = queries.queue_of(clinic_of(request), user=request.actor.user, now=request.now)
    chosen = _next(queue, request.GET.get('after', ''))
    if chosen is None:
        return render(request, 'alerts/rules/samples/none.html', _around(request, queue))
    return _show(request, sample_for(request, chosen), RatingForm(), queue)


@who_may(Who.NURSE)
@require_POST
def sample_rate(request: ActorRequest, sample: int) -> HttpResponse:
    found, form = sample_for(request, sample), RatingForm(request.POST)
    if not form.is_valid():
        queue = queries.queue_of(clinic_of(request), user=request.actor.user, now=request.now)
        return _show(request, found, form, queue)
    by, given = request.actor.user, form.cleaned_data
    try:
        rated = sampling.rate(sample=found, by=by, rating=given['rating'], note=given['note'], now=request.now)
    except AlreadyRated as refused:
        messages.warning(
            request, _('%(name)s has just rated this entry. Here is the next.') % {'name': refused.sample.rated_by}
        )
        return redirect('alerts:samples')
    if rated.is_miss:
        return redirect('alerts:sample', rated.pk)
    messages.success(request, _('Saved: nothing to do. Thank you.'))
    return redirect('alerts:samples')


@who_may(Who.NURSE)
@require_safe
@never_cache
def sample(request: ActorRequest, sample: int) -> HttpResponse:
    """A missed entry with its patient's name: only now, after the rating."""
    return _miss_page(request, miss_for(request, sample), FollowUpForm())


@who_may(Who.NURSE)
@require_POST
def sample_done(request: ActorRequest, sample: int) -> HttpResponse:
    found, form = miss_for(request, sample), FollowUpForm(request.POST)
    if not form.is_valid():
        return _miss_page(request, found, form)
    try:
        sampling.follow_up(sample=found, by=request.actor.user, note=form.cleaned_data['note'], now=request.now)
    except AlreadyFollowedUp:
        messages.warning(request, _('Somebody was faster: this is done already. Nothing was changed.'))
    else:
        messages.success(request, _('Noted. It no longer stands on the hand-over.'))
    return redirect('alerts:sample', found.pk)


@who_may(Who.NURSE)
@require_POST
def sample_take_back(request: ActorRequest, sample: int) -> HttpResponse:
    found = sample_for(request, sample)
    try:
        sampling.take_back(sample=found, by=request.actor.user, now=request.now)
    except TooLate:
        messages.warning(request, _('This rating cannot be taken back any more.'))
    else:
        messages.success(request, _('Taken back. The entry waits for a rating again.'))
    return redirect('alerts:samples')


# -- what is found --------------------------------------------------------------------------------------------------------
def sample_for(request: ActorRequest, pk: int) -> EntrySample:
    """A sample of a patient whom she may see; anything else is "not found"."""
    related = ('patient__clinic', 'patient__primary_nurse', 'clinic', 'revision__entry', 'rated_by', 'followed_up_by')
    rows = EntrySample.objects.filter(patient__in=patients_of(request.actor)).select_related(*related)
    return get_object_or_404(rows, pk=pk)


def miss_for(request: ActorRequest, pk: int) -> EntrySample:
    """Before an entry is rated as more than nothing there is no page that names its patient."""
    found = sample_for(request, pk)
    if not found.is_miss:
        raise Http404
    return found


def _next(queue: Sequence[int], after: str) -> int | None:
    """The first, or the one behind `after`; behind the last comes the first again."""
    number = whole(after)
    if after and number is None:
        raise Http404
    behind = queue.index(number) + 1 if number in queue else 0
    return queue[behind % len(queue)] if queue else None


def _around(request: ActorRequest, queue: Sequence[int]) -> dict[str, object]:
    clinic, user = clinic_of(request), request.actor.user
    return {
        'clinic': clinic,
        'left': len(queue),
        'slip': queries.last_rated(user, clinic, since=request.now - MAY_TAKE_BACK),
        'open_misses': queries.to_follow_up(clinic).count(),
        'draw': queries.last_draw(clinic),
    }


def _show(request: ActorRequest, found: EntrySample, form: RatingForm, queue: Sequence[int]) -> HttpResponse:
    page = {'entry': blind(found, now=request.now), 'form': form, 'choices': _choices(), **_around(request, queue)}
    return render(request, 'alerts/rules/samples/rate.html', page, status=422 if form.is_bound else 200)


def _choices() -> list[tuple[str, str, str, str]]:
    """Value, the key that presses it, the words, and what they mean."""
    return [
        (Rating.NOTHING.value, '1', _('Nothing'), _('It was right that nobody was called.')),
        (Rating.SAME_DAY.value, '2', _('Look the same day'), _('I would have looked at it that day.')),
        (Rating.URGENT.value, '3', _('Phone within the hour'), _('I would have phoned at once.')),
        (Rating.EMERGENCY.value, '4', _('Emergency'), _('I would have sent the patient to emergency care.')),
    ]


def _miss_page(request: ActorRequest, found: EntrySample, form: FollowUpForm) -> HttpResponse:
    rated_at = found.rated_at
    assert rated_at is not None  # it is a miss
    mine = found.rated_by_id == request.actor.user.pk and not found.followed_up
    page = {
        'sample': found,
        'patient': found.patient,
        'clinic': found.clinic,
        'entry': blind(found, now=request.now),
        'form': form,
        'may_take_back': mine and request.now - rated_at <= MAY_TAKE_BACK,
    }
    return render(request, 'alerts/rules/samples/miss.html', page, status=422 if form.is_bound else 200)
