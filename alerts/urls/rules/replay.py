"""Replays: a rule set over the clinic's stored history."""

from django.urls import URLPattern, path

from alerts.views.rules import replay

urlpatterns: list[URLPattern] = [
    path('clinic/rules/<int:pk>/replay/', replay.replays, name='replays'),
    path('clinic/replays/<int:replay>/', replay.replay, name='replay'),
    path('clinic/replays/<int:replay>/cancel/', replay.replay_cancel, name='replay_cancel'),
    path('clinic/replays/<int:replay>/figures.csv', replay.replay_csv, name='replay_csv'),
    path('clinic/replays/<int:replay>/rule/<slug:rule>/', replay.replay_rule, name='replay_rule'),
    path('clinic/replays/<int:replay>/entry/<int:revision>/', replay.replay_entry, name='replay_entry'),
]
