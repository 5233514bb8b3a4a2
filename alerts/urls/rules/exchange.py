"""Rules and catalogue as files."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
