"""What the alert's page and the panel beside the worklist have in common."""

from typing import Any

from django.forms import Form

from alerts.case import case_of
from alerts.forms import ContactForm, NoteForm, ResolveForm
from alerts.models import Alert
from clinic.access import ActorRequest


def alert_context(request: ActorRequest, alert: Alert, **forms: Form) -> dict[str, Any]:
    """One alert with its forms; `forms` are those that have something to say about what was typed."""
    return {
        'alert': alert,
        'case': case_of(alert, user=request.actor.user, now=request.now),
        'contact_form': forms.get('contact') or ContactForm(prefix='contact', initial={'version': alert.version}),
        'note_form': forms.get('note') or NoteForm(prefix='note'),
        'resolve_form': forms.get('resolve') or ResolveForm(prefix='resolve', initial={'version': alert.version}),
    }
