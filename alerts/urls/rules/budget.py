"""What each rule costs, and what all of them miss."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
