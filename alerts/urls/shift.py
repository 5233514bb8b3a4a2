"""The addresses of a shift: silent patients and the hand-over."""

from django.urls import URLPattern, path

from alerts.views import handover, silent

urlpatterns: list[URLPattern] = [
    path('hand-over/', handover.handover, name='handover'),
    path('silent/', silent.silent, name='silent'),
    path('silent/<int:silence>/reached/', silent.reached, name='silence_reached'),
    path('silent/<int:silence>/tried/', silent.tried, name='silence_tried'),
]
