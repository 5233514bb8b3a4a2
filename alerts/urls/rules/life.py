"""Rule sets: what is in force, drafts, review, publishing."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
