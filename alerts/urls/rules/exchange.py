"""Rules and catalogue as files."""

from django.urls import URLPattern, path

from alerts.views.rules import exchange, exchange_catalogue

urlpatterns: list[URLPattern] = [
    path('clinic/rules/<int:pk>/rules.yaml', exchange.rules_export, name='rules_export'),
    path('clinic/rules/import/', exchange.rules_import, name='rules_import'),
    path('clinic/catalogue/symptoms.yaml', exchange_catalogue.catalogue_export, name='catalogue_export'),
    path('clinic/catalogue/import/', exchange_catalogue.catalogue_import, name='catalogue_import'),
]
