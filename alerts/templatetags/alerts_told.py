"""What the visit summary shows of alerts. The diary may not import this app; its templates load this.

{% cases_since patient day as cases %}   the alerts since that day of hers, with what she told and what the answer was
"""

from datetime import date, datetime, time

from django import template

from alerts.pages import told_cases
from clinic.models import Patient

register = template.Library()


@register.simple_tag
def cases_since(patient: Patient, day: date) -> list[told_cases.ToldCase]:
    return told_cases.cases_since(patient, datetime.combine(day, time(), tzinfo=patient.zone))
