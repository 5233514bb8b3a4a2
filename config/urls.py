"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health, metrics
from config.styleguide import styleguide

handler400 = 'config.errors.bad_request'
handler404 = 'config.errors.page_not_found'
urlpatterns: list[URLPattern | URLResolver] = [
    path('health/live', health.live, name='health_live'),
    path('health/ready', health.ready, name='health_ready'),
    path('health/work', health.work, name='health_work'),
    path('metrics', metrics.metrics, name='metrics'),
    path('account/', include('clinic.account_urls')),
    path('admin/', admin.site.urls),
    path('', include('clinic.urls')),
    path('', include('diary.urls')),
    path('', include('alerts.urls')),
]
if settings.DEBUG:
    urlpatterns.append(path('styleguide/', styleguide, name='styleguide'))
