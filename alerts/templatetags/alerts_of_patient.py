"""What a nurse's page of a patient shows of alerts: {% unresolved_of patient as alerts %}, the worst first."""

from django import template

from alerts.models import Alert, AlertState
from clinic.models import Patient

register = template.Library()


@register.simple_tag
def unresolved_of(patient: Patient) -> list[Alert]:
    """The patient's unresolved alerts, at most one of each line, with their owners."""
    alerts = Alert.objects.filter(patient=patient).exclude(state=AlertState.RESOLVED)
    return list(alerts.select_related('owner').order_by('tier_rank', 'opened_at'))
