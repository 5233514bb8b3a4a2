"""What each rule looks for, in plain words."""

from django.urls import URLPattern, path

from alerts.views.rules import content

urlpatterns: list[URLPattern] = [
    path('clinic/content/', content.rules_plain, name='rules_plain'),
    path('clinic/content/<slug:rule>/', content.rule_plain, name='rule_plain'),
    path('what-we-look-for/', content.what_we_look_for, name='what_we_look_for'),
]
