"""Changing one rule of a draft, by sentences or as text."""

from django.urls import URLPattern, path

from alerts.views.rules import editor, editor_text

urlpatterns: list[URLPattern] = [
    path('clinic/rules/<int:pk>/new/', editor.rule_new, name='rule_new'),
    path('clinic/rules/<int:pk>/rule/<slug:rule>/', editor.rule_edit, name='rule_edit'),
    path('clinic/rules/<int:pk>/rule/<slug:rule>/delete/', editor.rule_delete, name='rule_delete'),
    path('clinic/rules/<int:pk>/rule/<slug:rule>/text/', editor_text.rule_text_one, name='rule_text_one'),
    path('clinic/rules/<int:pk>/text/', editor_text.rule_text, name='rule_text'),
]
