"""What the rules would say of made-up or real entries."""

from django.urls import URLPattern, path

from alerts.views.rules import try_it

urlpatterns: list[URLPattern] = [path('clinic/rules/<int:pk>/try/', try_it.try_it, name='try_it')]
