"""What an admin types about a ladder: its rungs, and when what was taken comes back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumbers import region_code_for_number

from alerts.engine.escalation import MOST_MINUTES, Ladder, Rung, When, Who
from alerts.engine.tiers import Tier
from alerts.forms.whole import whole
from alerts.models import Told
from alerts.models import When as WhenChoice
from clinic.models import Clinic

MOST_RUNGS = 12
ROWS = 'rungs'


class Minutes(forms.IntegerField):
    """A whole number of minutes, up to a week."""

    def __init__(self, label: Any, *, least: int, **more: Any) -> None:
        wrong = _('Write a whole number of minutes from %(least)s to %(most)s.') % {
            'least': least,
            'most': MOST_MINUTES,
        }
        errors = dict.fromkeys(('required', 'invalid', 'min_value', 'max_value'), wrong)
        widget = forms.NumberInput(attrs={'class': 'input short', 'inputmode': 'numeric'})
        super().__init__(
            label=label, min_value=least, max_value=MOST_MINUTES, error_messages=errors, widget=widget, **more
        )


class LadderForm(forms.Form):
    """What holds for the ladder as a whole."""

    rounds = forms.IntegerField(
        label=_('How often the steps are taken'),
        min_value=1,
        max_value=10,
        widget=forms.NumberInput(attrs={'class': 'input short', 'inputmode': 'numeric'}),
        error_messages=dict.fromkeys(
            ('required', 'invalid', 'min_value', 'max_value'), _('Write a whole number from 1 to 10.')
        ),
    )
    forgotten_after = Minutes(_('Taken, then nothing: back on the list after (minutes)'), least=1)
    unfinished_after = Minutes(_('Spoken with the patient, not resolved: back on the list after (minutes)'), least=1)


class RungForm(forms.Form):
    """One step."""

    wait = Minutes(_('Minutes after the step before'), least=0)
    who = forms.ChoiceField(label=_('Who is told'), choices=Told.choices)
    when = forms.ChoiceField(label=_('When'), choices=WhenChoice.choices)
    phone = PhoneNumberField(
        label=_('Phone number'),
        required=False,
        widget=forms.TextInput(attrs={'class': 'input', 'type': 'tel', 'autocomplete': 'off'}),
        error_messages={
            'invalid': _('Write a phone number as people of your country do, or with + and the country code.')
        },
    )

    def __init__(self, *args: Any, region: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone = self.fields['phone']
        assert isinstance(phone, PhoneNumberField)
        phone.region = region

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        is_phone = given.get('who') == Told.PHONE
        if is_phone and not given.get('phone') and 'phone' not in self.errors:
            self.add_error('phone', _('Write the number that gets the text message.'))
        if not is_phone and given.get('phone'):
            self.add_error('phone', _('A number goes with “a phone number” only. Choose that, or leave this empty.'))
        return given

    def rung(self) -> Rung:
        given = self.cleaned_data
        phone = given['phone'].as_e164 if given['phone'] else ''
        return Rung(given['wait'], Who(given['who']), When(given['when']), phone)


class BaseRungs(BaseFormSet):  # type: ignore[type-arg]
    """The steps in their order. None is optional: what is not wanted is removed. `red`: somebody is told at any hour."""

    def __init__(self, *args: Any, red: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.red = red
        for form in self.forms:
            form.empty_permitted = False
        if self.forms:
            self.forms[0].fields['wait'].label = _('Minutes after the alert opens')

    def clean(self) -> None:
        """A ladder that would tell nobody at night, or by day, is refused where that can be changed: at its first step."""
        whens = {form.cleaned_data.get('when') for form in self.forms}
        if self.red and not any(self.errors) and WhenChoice.ALWAYS not in whens:
            self.forms[0].add_error(
                'when', _('At least one step has to hold at any hour. Choose “at any time” for one of them.')
            )

    @classmethod
    def get_default_prefix(cls) -> str:
        return ROWS


RungFormSet: Callable[..., 'BaseFormSet[RungForm]'] = formset_factory(
    RungForm, formset=BaseRungs, extra=0, min_num=1, max_num=MOST_RUNGS, validate_min=True
)


def region_of(clinic: Clinic) -> str | None:
    """The country whose way of writing numbers is understood."""
    return region_code_for_number(clinic.phone_day)


def rows_of(ladder: Ladder) -> list[dict[str, Any]]:
    return [
        {'wait': one.wait, 'who': one.who.value, 'when': one.when.value, 'phone': one.phone} for one in ladder.rungs
    ]


def limits_of(ladder: Ladder) -> dict[str, int]:
    return {name: getattr(ladder, name) for name in ('rounds', 'forgotten_after', 'unfinished_after')}


def ladder_from(tier: Tier, form: LadderForm, rungs: 'BaseFormSet[RungForm]') -> Ladder:
    """The ladder of two valid forms."""
    return Ladder(tier, tuple(one.rung() for one in rungs.forms), **form.cleaned_data)


NEW_ROW = {'wait': 30, 'who': Told.TEAM.value, 'when': WhenChoice.ALWAYS.value, 'phone': ''}


def typed_rows(data: Any) -> list[dict[str, Any]]:
    """The rows as they were sent, right or wrong."""
    number = min(whole(str(data.get(f'{ROWS}-TOTAL_FORMS', ''))) or 0, MOST_RUNGS)
    return [{name: data.get(f'{ROWS}-{n}-{name}', '') for name in NEW_ROW} for n in range(number)]


def rearranged(rows: list[dict[str, Any]], what: str) -> list[dict[str, Any]]:
    """The rows after “add”, “up-2”, “down-0” or “remove-1”; as they are for anything else."""
    act, _dash, place = what.partition('-')
    if act == 'add':
        return [*rows, dict(NEW_ROW)][:MOST_RUNGS]
    n = whole(place)
    if n is None or n >= len(rows):
        return rows
    if act == 'remove':
        return rows[:n] + rows[n + 1 :]
    other = {'up': n - 1, 'down': n + 1}.get(act, n)
    if 0 <= other < len(rows):
        rows[n], rows[other] = rows[other], rows[n]
    return rows
