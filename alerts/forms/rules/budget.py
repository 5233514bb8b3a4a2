"""The clinic's limits for its rules, as an admin types them."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.models import RuleBudget
from alerts.services.rules.budgeting import FIELDS

MOST_FLAGS, MOST_SAMPLES = 1000, 50


class Whole(forms.IntegerField):
    """A whole number up to `most`, with one sentence for whatever is wrong with it."""

    def __init__(self, label: Any, help_text: Any, *, most: int, least: int = 0) -> None:
        wrong = _('Write a whole number from %(least)s to %(most)s.') % {'least': least, 'most': most}
        super().__init__(
            label=label,
            help_text=help_text,
            min_value=least,
            max_value=most,
            error_messages=dict.fromkeys(('required', 'invalid', 'min_value', 'max_value'), wrong),
            widget=forms.NumberInput(attrs={'inputmode': 'numeric'}),
        )


class LimitsForm(forms.Form):
    """`seen` is the version that was on the screen: two admins do not overwrite one another."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    flags_per_100 = Whole(
        _('All rules together: flags on 100 entries'),
        _('More than this is more than your nurses are ready to look at.'),
        most=MOST_FLAGS,
        least=1,
    )
    rule_per_100 = Whole(
        _('One rule: flags on 100 entries'), _('A rule above this is listed.'), most=MOST_FLAGS, least=1
    )
    least_acted_on = Whole(
        _('One rule: smallest share acted on, in %'),
        _('Of its closed cases, so many must have led to something.'),
        most=100,
    )
    most_noise = Whole(_('One rule: largest share called noise, in %'), _('Of the cases that nurses marked.'), most=100)
    samples_per_day = Whole(
        _('Entries without a flag to rate each day'),
        _('Drawn by chance. More make the miss rate surer and cost more of the nurses’ time; 0 draws none.'),
        most=MOST_SAMPLES,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout('seen', *FIELDS)

    @classmethod
    def filled(cls, limits: RuleBudget) -> 'LimitsForm':
        return cls(initial={name: getattr(limits, name) for name in FIELDS} | {'seen': limits.version})

    @property
    def limits(self) -> dict[str, int]:
        """Of a valid form."""
        return {name: self.cleaned_data[name] for name in FIELDS}
