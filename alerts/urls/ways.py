"""The addresses of how a member is told."""

from django.urls import URLPattern, path

from alerts.views import reminder, ways

urlpatterns: list[URLPattern] = [
    path('me/reminder/', reminder.reminder, name='reminder'),
    path('me/ways/', ways.ways, name='ways'),
    path('me/ways/number/', ways.add_number, name='ways_number'),
    path('me/ways/service/', ways.add_service, name='ways_service'),
    path('me/ways/device/', ways.add_device, name='ways_device'),
    path('me/ways/device/lost/', ways.lost_device, name='ways_device_lost'),
    path('me/ways/move/', ways.move, name='ways_move'),
    path('me/ways/remove/', ways.remove, name='ways_remove'),
    path('me/ways/test/', ways.test, name='ways_test'),
    path('push-worker.js', ways.worker, name='push_worker'),
]
