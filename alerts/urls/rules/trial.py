"""Drafts that run silently."""

from django.urls import URLPattern, path

from alerts.views.rules import trial

urlpatterns: list[URLPattern] = [
    path('clinic/rules/<int:pk>/trial/', trial.trial, name='trial'),
    path('clinic/rules/<int:pk>/trial/begin/', trial.trial_begin, name='trial_begin'),
    path('clinic/rules/<int:pk>/trial/end/', trial.trial_end, name='trial_end'),
    path('clinic/rules/<int:pk>/trial/<uuid:entry>/', trial.trial_entry, name='trial_entry'),
]
