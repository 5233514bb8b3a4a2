"""What an import of symptoms asks before anything is kept: what old levels mean, and whether what breaks was read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.services.rules.catalogue_importing import Plan, SymptomChange
from diary.forms_scale import SCALE, read_scale, scale_fields
from diary.scales import Levels


class ScaleForm(forms.Form):
    """One symptom whose levels change; made by `scale_forms`."""

    change: SymptomChange
    levels: Levels | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.levels = read_scale(given)
            except forms.ValidationError as wrong:
                self.add_error(SCALE, wrong)
        return given


class ReadForm(forms.Form):
    """Asked where a symptom is retired."""

    read = forms.BooleanField(
        label=_('I have read which rules read what is retired'),
        error_messages={'required': _('Read what the rules lose, and tick that you have.')},
    )


def scale_forms(plan: Plan, data: Any = None) -> list[ScaleForm]:
    return [_scale_form(change, data) for change in plan.changes if change.asks_scale]


def _scale_form(change: SymptomChange, data: Any) -> ScaleForm:
    assert change.before is not None  # a new symptom has no old levels
    old, new = change.before.words['en']['levels'], change.given['words']['en']['levels']
    fields: dict[str, Any] = dict(scale_fields(old, now=new))
    made: type[ScaleForm] = type('ScaleForm', (ScaleForm,), fields | {'change': change})
    return made(data, prefix=change.code)
