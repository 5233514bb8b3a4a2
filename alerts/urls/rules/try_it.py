"""What the rules would say of made-up or real entries."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
