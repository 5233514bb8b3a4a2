"""The addresses of treatment, calendar and charts; the patient's own, and the nurses' below `patients/`."""

from datetime import date

from django.urls import URLPattern, include, path, register_converter
from django.urls.resolvers import URLResolver

from diary.views import calendar, charts, course, export, patient, pauses, photos, summary, treatment, visits, withdraw


class DayConverter:
    """A calendar day in an address, such as 2026-11-16."""

    regex = r'\d{4}-\d{2}-\d{2}'

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, 'day')

for_patients: list[URLPattern] = [
    path('diary/', calendar.diary, name='diary'),
    path('diary/charts/', charts.charts, name='charts'),
    path('diary/summary/', summary.summary, name='summary'),
    path('diary/summary.pdf', summary.summary_file, name='summary_file'),
    path('diary/summary/questions/', summary.questions, name='questions'),
    path('diary/<day:day>/', calendar.day, name='day'),
    path('me/export/', export.export, name='export'),
    path('me/export/diary.csv', export.export_csv, name='export_csv'),
    path('me/export/diary.fhir.json', export.export_fhir, name='export_fhir'),
    path('treatment/', treatment.treatment, name='treatment'),
    path('treatment/pause/', pauses.own_pause, name='own_pause'),
    path('treatment/pauses/<int:pause>/end/', pauses.own_pause_end, name='own_pause_end'),
]
below_patient: list[URLPattern] = [
    path('', patient.patient, name='patient'),
    path('courses/new/', course.course_new, name='course_new'),
    path('courses/<uuid:course>/delay/', course.course_delay, name='course_delay'),
    path('courses/<uuid:course>/stop/', course.course_stop, name='course_stop'),
    path('doses/new/', course.dose_new, name='dose_new'),
    path('doses/<int:dose>/withdraw/', withdraw.dose_withdraw, name='dose_withdraw'),
    path('usual/new/', patient.baseline_new, name='baseline_new'),
    path('usual/<int:baseline>/withdraw/', withdraw.baseline_withdraw, name='baseline_withdraw'),
    path('contexts/new/', patient.context_new, name='context_new'),
    path('contexts/<int:context>/end/', patient.context_end, name='context_end'),
    path('contexts/<int:context>/withdraw/', withdraw.context_withdraw, name='context_withdraw'),
    path('pauses/new/', pauses.pause_new, name='pause_new'),
    path('pauses/<int:pause>/end/', pauses.pause_end, name='pause_end'),
    path('visits/new/', visits.visit_new, name='visit_new'),
    path('visits/<int:visit>/withdraw/', visits.visit_withdraw, name='visit_withdraw'),
    path('summary/', summary.patient_summary, name='patient_summary'),
    path('summary.pdf', summary.patient_summary_file, name='patient_summary_file'),
    path('trends/', charts.patient_charts, name='patient_charts'),
    path('entries/<uuid:entry>/', patient.patient_entry, name='patient_entry'),
    path('photos/<uuid:photo>/', photos.patient_photo, name='patient_photo'),
]
treatment_urls: list[URLPattern | URLResolver] = [
    *for_patients,
    path('patients/<uuid:patient>/', include(below_patient)),
]
