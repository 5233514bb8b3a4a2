"""Drafts that run silently."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
