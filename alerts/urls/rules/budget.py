"""What each rule costs, and what all of them miss."""

from django.urls import URLPattern, path

from alerts.views.rules import budget, misses, samples

urlpatterns: list[URLPattern] = [
    path('clinic/rules/budget/', budget.budget, name='budget'),
    path('clinic/rules/budget.csv', budget.budget_csv, name='budget_csv'),
    path('clinic/rules/budget/limits/', budget.budget_limits, name='budget_limits'),
    path('clinic/rules/misses/', misses.misses, name='misses'),
    path('samples/', samples.samples, name='samples'),
    path('samples/<int:sample>/', samples.sample, name='sample'),
    path('samples/<int:sample>/rate/', samples.sample_rate, name='sample_rate'),
    path('samples/<int:sample>/done/', samples.sample_done, name='sample_done'),
    path('samples/<int:sample>/take-back/', samples.sample_take_back, name='sample_take_back'),
]
