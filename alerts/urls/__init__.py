"""The addresses of what the clinic must do."""

from django.urls import URLPattern, path

from alerts.urls import on_call as urls_on_call
from alerts.urls import shift as urls_shift
from alerts.urls import ways as urls_ways
from alerts.urls.rules import urlpatterns as urls_of_rules
from alerts.views import advice, alert, bulk, escalation, figures, offline, snooze, watch, welcome, worklist

app_name = 'alerts'
urlpatterns: list[URLPattern] = [
    path('entry/<uuid:entry>/advice/', advice.advice, name='advice'),
    path('entry/<uuid:entry>/advice/receipt/', advice.receipt, name='receipt'),
    path('offline/pack/', offline.pack, name='offline_pack'),
    path('welcome/', welcome.welcome, name='welcome'),
    path('worklist/', worklist.worklist, name='worklist'),
    path('worklist/rows/', worklist.rows, name='worklist_rows'),
    path('worklist/acknowledge/', bulk.acknowledge_many, name='acknowledge_many'),
    path('figures/', figures.figures, name='figures'),
    path('figures.csv', figures.figures_csv, name='figures_csv'),
    path('clinic/escalation/', escalation.escalation, name='escalation'),
    path('clinic/escalation/<slug:tier>/', escalation.escalation_edit, name='escalation_edit'),
    path('clinic/watch/', watch.watch, name='watch'),
    path('clinic/watch/banner/', watch.health_banner, name='health_banner'),
    path('clinic/watch/drill/', watch.drill_now, name='drill_now'),
    path('alerts/<uuid:alert>/', alert.alert, name='alert'),
    path('alerts/<uuid:alert>/acknowledge/', alert.acknowledge, name='acknowledge'),
    path('alerts/<uuid:alert>/take-over/', alert.take_over, name='take_over'),
    path('alerts/<uuid:alert>/contact/', alert.contact, name='contact'),
    path('alerts/<uuid:alert>/note/', alert.note, name='note'),
    path('alerts/<uuid:alert>/resolve/', alert.resolve, name='resolve'),
    path('alerts/<uuid:alert>/undo/', alert.undo, name='undo'),
    path('alerts/<uuid:alert>/mark/', alert.mark, name='mark'),
    path('alerts/<uuid:alert>/snooze/', snooze.snooze, name='snooze'),
    path('alerts/<uuid:alert>/wake/', snooze.wake, name='wake'),
    path('hidden/', snooze.hidden, name='hidden'),
    *urls_on_call.urlpatterns,
    *urls_shift.urlpatterns,
    *urls_ways.urlpatterns,
    *urls_of_rules,
]
