"""What a nurse says about a silent patient."""

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.forms.alert import Note


class ReachedForm(forms.Form):
    """She spoke with the patient."""

    note = Note(label=_('What was said'), required=False)
