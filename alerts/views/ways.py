"""How a member is told: her ways in her order, and the service worker of the notices on her device."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import etag, require_POST, require_safe

from alerts.channels import push
from alerts.forms.ways import DeviceForm, NumberForm, ServiceForm, WayForm
from alerts.models import Channel, ContactWay
from alerts.queries.notifications import ways_of_member
from alerts.services.ways import (
    MOST_WAYS,
    TooManyWays,
    add_way,
    lose_device,
    move_way,
    remove_way,
    renew_device,
    send_test,
)
from alerts.words.devices import device_name
from alerts.words.ways import email_shown, shown, why_not
from clinic.access import ActorRequest, Who, who_may
from diary import offline

TEST_PAUSE_SECONDS = 10


@who_may(Who.STAFF)
@require_safe
@never_cache
def ways(request: ActorRequest) -> HttpResponse:
    return _page(request)


def _page(request: ActorRequest, **forms: Any) -> HttpResponse:
    user = request.actor.user
    own = [shown(way) for way in ways_of_member(user)]
    context = {
        'ways': own,
        'email': email_shown(user),
        'number_form': forms.get('number') or NumberForm(prefix='number'),
        'service_form': forms.get('service') or ServiceForm(prefix='service'),
        'has_sms': bool(settings.SMS_URL),
        'services': settings.OTHER_SERVICES,
        'push_key': push.public_key(),
    }
    return render(request, 'alerts/ways.html', context, status=422 if forms else 200)


@who_may(Who.STAFF)
@require_POST
def add_number(request: ActorRequest) -> HttpResponse:
    form = NumberForm(request.POST, prefix='number')
    if not settings.SMS_URL:
        messages.error(request, _('Text messages are not set up here.'))
        return redirect('alerts:ways')
    if not form.is_valid():
        return _page(request, number=form)
    return _add(request, Channel.SMS, form.cleaned_data['number'].as_e164, '')


@who_may(Who.STAFF)
@require_POST
def add_service(request: ActorRequest) -> HttpResponse:
    form = ServiceForm(request.POST, prefix='service')
    if not form.is_valid():
        return _page(request, service=form)
    return _add(request, Channel.OTHER, form.cleaned_data['address'], form.cleaned_data['name'])


def _add(request: ActorRequest, channel: Channel, address: str, label: str) -> HttpResponse:
    try:
        add_way(user=request.actor.user, channel=channel, address=address, label=label, now=request.now)
    except TooManyWays:
        messages.error(request, _('You have %(count)s ways already. Take one away first.') % {'count': MOST_WAYS})
    else:
        messages.success(request, _('Added. Send a test to see that it works.'))
    return redirect('alerts:ways')


@who_may(Who.SIGNED_IN)
@require_POST
def add_device(request: ActorRequest) -> HttpResponse:
    """Called by static/js/push.js, at every visit of the page: a subscription that changed or was dead is mended."""
    form = DeviceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    user, given = request.actor.user, form.cleaned_data
    name = device_name(request.headers.get('User-Agent', ''))
    try:
        renew_device(
            user=user,
            subscription=given['subscription'],
            instead_of=given['instead_of'],
            label=name,
            now=request.now,
        )
    except TooManyWays:
        return HttpResponse(status=409)
    return HttpResponse(status=204)


@who_may(Who.SIGNED_IN)
@require_POST
def lost_device(request: ActorRequest) -> HttpResponse:
    """Called by static/js/push.js when the browser has lost its subscription: what is sent there would never come."""
    lose_device(user=request.actor.user, endpoint=request.POST.get('endpoint', ''), now=request.now)
    return HttpResponse(status=204)


@who_may(Who.STAFF)
@require_POST
def move(request: ActorRequest) -> HttpResponse:
    way = _way(request)
    if way is not None:
        move_way(way=way, up=request.POST.get('to') == 'up')
    return redirect('alerts:ways')


@who_may(Who.STAFF)
@require_POST
def remove(request: ActorRequest) -> HttpResponse:
    way = _way(request)
    if way is not None:
        remove_way(way=way, now=request.now)
        messages.success(request, _('Taken away.'))
    return redirect('alerts:ways')


@who_may(Who.STAFF)
@require_POST
def test(request: ActorRequest) -> HttpResponse:
    """Send a test by one way and say what really came of it."""
    way, user = _way(request), request.actor.user
    if not cache.add(f'way-test:{user.pk}', 1, TEST_PAUSE_SECONDS):
        messages.warning(request, _('A test was sent a moment ago. Wait ten seconds.'))
        return redirect('alerts:ways')
    failure = send_test(user=user, way=way, path=reverse('alerts:ways'), now=request.now)
    if failure is None:
        messages.success(request, _('The test was taken. It should be with you within a minute.'))
    else:
        messages.error(request, why_not(failure))
    return redirect('alerts:ways')


@who_may(Who.ANYONE)
@require_safe
@etag(lambda request: offline.etag(offline.worker_script()))
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, for notices and for the diary without a network.

    It stands at the root, because a worker has power over the paths beside it only. Devices know it by this name.
    """
    response = HttpResponse(offline.worker_script(), content_type='text/javascript')
    response['Cache-Control'] = 'no-cache'
    return response


def _way(request: ActorRequest) -> ContactWay | None:
    """The way that was chosen; None stands for her e-mail address. Another person's is "not found"."""
    form = WayForm(request.POST, ways=ways_of_member(request.actor.user))
    if not form.is_valid():
        raise Http404
    found: ContactWay | None = form.cleaned_data['way']
    return found
