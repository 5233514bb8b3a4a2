"""A draft over the clinic's own history."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
