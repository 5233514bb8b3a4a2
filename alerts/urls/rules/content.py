"""What each rule looks for, in plain words."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
