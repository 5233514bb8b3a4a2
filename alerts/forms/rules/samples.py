"""What a nurse says about a sampled entry."""

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.models import Rating

LONGEST = 300


class Words(forms.CharField):
    def __init__(self, **kwargs: object) -> None:
        widget = forms.Textarea(attrs={'rows': 2, 'class': 'input', 'maxlength': LONGEST})
        super().__init__(max_length=LONGEST, widget=widget, **kwargs)  # type: ignore[arg-type]


class RatingForm(forms.Form):
    """Four buttons and, who wants, a few words."""

    rating = forms.ChoiceField(choices=Rating, error_messages={'required': _('Choose one of the four answers.')})
    note = Words(label=_('Why (optional)'), required=False)


class FollowUpForm(forms.Form):
    """What was done about an entry that no rule had flagged."""

    note = Words(label=_('What was done'), error_messages={'required': _('Write in a few words what was done.')})
