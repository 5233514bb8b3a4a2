"""What is typed about the on-call plan. Days and times are the clinic's local ones."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.layout import Row
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.engine.on_call import comes_twice, exists, instant
from clinic.dates import date_format
from clinic.models import Clinic, Membership
from clinic.models.clinic import Weekday
from clinic.queries import nurses_of
from diary.forms_treatment import DateInput, StaffForm, TimeInput

FIRST_YEAR, LAST_YEAR = 2000, 2100  # outside, calendars and zones have no neighbours to reckon with


def later() -> list[tuple[int, str]]:
    """How many days after its start a shift ends."""
    between = [(days, gettext('%(n)d days later') % {'n': days}) for days in range(2, 7)]
    return [(0, gettext('the same day')), (1, gettext('the next day')), *between, (7, gettext('a week later'))]


class Who(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A nurse of the clinic."""

    def __init__(self, label: Any) -> None:
        missing = {'required': _('Choose who it is.'), 'invalid_choice': _('Choose a nurse of your clinic.')}
        super().__init__(Membership.objects.none(), label=label, empty_label=_('Choose'), error_messages=missing)

    def label_from_instance(self, obj: Membership) -> str:
        return obj.user.name


def who_can(clinic: Clinic) -> QuerySet[Membership]:
    return nurses_of(clinic).filter(user__is_active=True)


class ShiftForm(StaffForm):
    """A shift of every week, on one weekday or several."""

    who = Who(_('Who'))
    weekdays = forms.TypedMultipleChoiceField(
        label=_('Every week on'),
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple(attrs={'class': 'check'}),
        error_messages={'required': _('Choose at least one day.')},
    )
    starts = forms.TimeField(label=_('From'), widget=TimeInput())
    ends = forms.TimeField(label=_('Until'), widget=TimeInput())
    days = forms.TypedChoiceField(label=_('Which is'), coerce=int, choices=later, initial=1)
    layout = ('who', InlineCheckboxes('weekdays'), Row('starts', 'ends', 'days'))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['who'].queryset = who_can(clinic)  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """A valid form, as `add_shifts` takes it."""
        given = dict(self.cleaned_data)
        return {'membership': given.pop('who')} | given


class ChangeForm(StaffForm):
    """Somebody else for this once."""

    who = Who(_('Who is on call instead'))
    starts_on = forms.DateField(label=_('From day'), widget=DateInput())
    starts = forms.TimeField(label=_('Time'), widget=TimeInput())
    ends_on = forms.DateField(label=_('Until day'), widget=DateInput())
    ends = forms.TimeField(label=_('Time'), widget=TimeInput())
    reason = forms.CharField(
        label=_('Reason'), max_length=120, required=False, help_text=_('Everybody at the clinic can read it.')
    )
    layout = ('who', Row('starts_on', 'starts'), Row('ends_on', 'ends'), 'reason')

    def __init__(self, *args: Any, clinic: Clinic, without: Membership | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        people = who_can(clinic)
        self.fields['who'].queryset = people.exclude(pk=without.pk) if without else people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for edge in ('starts', 'ends'):
            day, at = cleaned.get(f'{edge}_on'), cleaned.get(edge)
            if day is not None and at is not None:
                self._check(edge, day, at)
        return cleaned

    def _check(self, field: str, day: date, at: time) -> None:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.add_error(f'{field}_on', gettext('Look at the year again.'))
        elif not exists(day, at, self.clinic.zone):
            told = {'time': at.strftime('%H:%M'), 'day': date_format(day, 'l j F')}
            words = gettext(
                '%(time)s does not exist on %(day)s: the clocks jump over it. Choose an earlier or later time.'
            )
            self.add_error(field, words % told)

    def given(self, who: str) -> dict[str, Any]:
        """A valid form, as the services take it; `who` is their name for the person."""
        given, zone = self.cleaned_data, self.clinic.zone
        edges = {f'{edge}_at': instant(given[f'{edge}_on'], given[edge], zone) for edge in ('starts', 'ends')}
        return {who: given['who'], 'reason': given['reason']} | edges

    def twice(self) -> list[time]:
        """Times of a valid form that the clock shows twice that night; the first is meant."""
        given, zone = self.cleaned_data, self.clinic.zone
        return [given[edge] for edge in ('starts', 'ends') if comes_twice(given[f'{edge}_on'], given[edge], zone)]


class GapForm(forms.Form):
    """Which gap somebody takes: instants, as the page gave them."""

    starts_at = forms.DateTimeField(widget=forms.HiddenInput)
    ends_at = forms.DateTimeField(widget=forms.HiddenInput)


def asked_for(given: Mapping[str, str], clinic: Clinic, now: datetime) -> dict[str, Any]:
    """What a change begins with: the turn or the gap that the page linked from (`from`, `until`: instants), else today."""
    initial: dict[str, Any] = {'starts_on': now.astimezone(clinic.zone).date()}
    for edge, name in (('starts', 'from'), ('ends', 'until')):
        if at := _instant(given.get(name, '')):
            local = at.astimezone(clinic.zone)
            initial |= {f'{edge}_on': local.date(), edge: local.time()}
    return initial


def _instant(text: str) -> datetime | None:
    """None for what is no instant of our days: a form may be opened without one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo and FIRST_YEAR <= at.year <= LAST_YEAR else None
