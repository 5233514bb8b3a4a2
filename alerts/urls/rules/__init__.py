"""The addresses of the pages about rules, one module for each room."""

from django.urls import URLPattern

from alerts.urls.rules import budget, content, editor, exchange, life, replay, trial, try_it

urlpatterns: list[URLPattern] = [
    *life.urlpatterns,
    *editor.urlpatterns,
    *exchange.urlpatterns,
    *try_it.urlpatterns,
    *replay.urlpatterns,
    *trial.urlpatterns,
    *budget.urlpatterns,
    *content.urlpatterns,
]
