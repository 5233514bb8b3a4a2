"""Every address of the house."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path('account/', include('allauth.account.urls')),
    path('admin/', admin.site.urls),
    path('', include('clinic.urls')),
    path('', include('diary.urls')),
    path('', include('alerts.urls')),
]
