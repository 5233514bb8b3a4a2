"""Rule sets: what is in force, drafts, review, publishing."""

from django.urls import URLPattern, path

from alerts.views.rules import life, life_steps

urlpatterns: list[URLPattern] = [
    path('clinic/rules/', life.rules, name='rules'),
    path('clinic/rules/begin/', life.rules_begin, name='rules_begin'),
    path('clinic/rules/newest/', life.rules_take_in, name='rules_take_in'),
    path('clinic/rules/<int:pk>/', life.rule_set, name='rule_set'),
    path('clinic/rules/<int:pk>/hand-in/', life_steps.submit, name='rule_set_submit'),
    path('clinic/rules/<int:pk>/send-back/', life_steps.send_back, name='rule_set_send_back'),
    path('clinic/rules/<int:pk>/approve/', life_steps.approve, name='rule_set_approve'),
    path('clinic/rules/<int:pk>/publish/', life_steps.publish, name='rule_set_publish'),
    path('clinic/rules/<int:pk>/discard/', life_steps.discard, name='rule_set_discard'),
    path('clinic/rules/<int:pk>/set-aside/<slug:rule>/', life_steps.set_aside, name='rule_set_aside'),
    path('clinic/rules/<int:pk>/take-in/<slug:source>/', life_steps.take_changes_in, name='rule_set_take_in'),
]
