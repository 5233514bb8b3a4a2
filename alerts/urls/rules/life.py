"""Rule sets: what is in force, drafts, review, publishing."""

from django.urls import URLPattern, path

from alerts.views.rules import life

urlpatterns: list[URLPattern] = [
    path('clinic/rules/', life.rules, name='rules'),
    path('clinic/rules/<int:pk>/', life.rule_set, name='rule_set'),
]
