"""Changing one rule of a draft, by sentences or as text."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
