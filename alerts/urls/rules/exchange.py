"""Rules and catalogue as files."""

from django.urls import URLPattern, path

from alerts.views.rules import exchange

urlpatterns: list[URLPattern] = [
    path('clinic/rules/<int:pk>/rules.yaml', exchange.rules_export, name='rules_export'),
    path('clinic/rules/import/', exchange.rules_import, name='rules_import'),
]
