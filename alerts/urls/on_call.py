"""The addresses of the on-call plan."""

from django.urls import URLPattern, path

from alerts.views import on_call

urlpatterns: list[URLPattern] = [
    path('on-call/', on_call.on_call, name='on_call'),
    path('on-call/shifts/new/', on_call.shift_new, name='on_call_shift_new'),
    path('on-call/shifts/<int:shift>/remove/', on_call.shift_remove, name='on_call_shift_remove'),
    path('on-call/changes/new/', on_call.change_new, name='on_call_change_new'),
    path('on-call/changes/<int:change>/withdraw/', on_call.change_withdraw, name='on_call_change_withdraw'),
    path('on-call/hand-over/', on_call.hand_over, name='on_call_hand_over'),
    path('on-call/take/', on_call.take, name='on_call_take'),
]
