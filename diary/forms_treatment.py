"""What a nurse types about treatment. Days and times are the patient's local ones."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Row
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient, WeightUnit
from diary.models import (
    Agent,
    BaselineKind,
    ContextCode,
    Route,
    ScheduleKind,
    Therapy,
    TreatmentCourse,
    WithdrawnReason,
)
from diary.timeline import SHORTEST_MONTH, PlannedCycle, ScheduleError, checked_dose_days, plan
from diary.words import schedule_words

LONGEST_CYCLE, MOST_CYCLES = 365, 60
MONTH = 30  # what is stored for a month; the calendar decides how long each one is
DAYS = re.compile(r'(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?')


class DateInput(forms.DateInput):
    input_type = 'date'

    def __init__(self) -> None:
        super().__init__(format='%Y-%m-%d')


class TimeInput(forms.TimeInput):
    input_type = 'time'

    def __init__(self) -> None:
        super().__init__(format='%H:%M')


class StaffForm(forms.Form):
    """A form without tag and buttons: the page gives both."""

    layout: tuple[Any, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*(self.layout or tuple(self.fields)))

    def refuse(self, refusal: Exception) -> None:
        """Show what a service refused beside its field."""
        field = getattr(refusal, 'field', None)
        self.add_error(field if field in self.fields else None, str(getattr(refusal, 'reason', refusal)))


class DaysField(forms.CharField):
    """Days of a cycle as one writes them: “1, 8, 15” or “1-14”."""

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or '')
        parts = [part.strip() for part in text.replace(';', ',').split(',') if part.strip()]
        return sorted({day for part in parts for day in self._span(part)})

    def _span(self, part: str) -> range:
        found = DAYS.fullmatch(part)
        if not found:
            raise forms.ValidationError(_('Write days like 1, 8, 15 or 1-14.'))
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= LONGEST_CYCLE:
            raise forms.ValidationError(_('Write days like 1, 8, 15 or 1-14, counted from the first day of the cycle.'))
        return range(first, last + 1)


def medicines() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Every agent by its therapy, and for each therapy one that is not on the list."""
    for therapy in Therapy.objects.prefetch_related('agents'):
        named = [(f'agent-{agent.pk}', agent.name) for agent in therapy.agents.all()]
        yield therapy.name, [*named, (f'therapy-{therapy.pk}', str(_('Another one')))]


class CourseForm(StaffForm):
    """A course and its schedule. `planned()` says what it comes to."""

    medicine = forms.ChoiceField(label=_('Medicine'))
    # No route is chosen beforehand: a capsule must not become an infusion by saying nothing.
    route = forms.ChoiceField(label=_('Given'), choices=[('', _('Choose')), *Route.choices])
    starts_on = forms.DateField(label=_('First day'), widget=DateInput())
    schedule = forms.ChoiceField(label=_('How often'), choices=ScheduleKind.choices, initial=ScheduleKind.CYCLES)
    cycle_days = forms.IntegerField(
        label=_('Days in a cycle'),
        min_value=1,
        max_value=LONGEST_CYCLE,
        initial=21,
        help_text=_('From one first day to the next, rest included. Not used for every week or month.'),
    )
    dose_days = DaysField(
        label=_('Days with a dose'),
        initial='1',
        help_text=_('Such as 1, 8, 15 or 1-14; day 1 is the first day. Not used for every day.'),
    )
    cycles = forms.IntegerField(
        label=_('How many cycles are planned'),
        min_value=1,
        max_value=MOST_CYCLES,
        help_text=_('Weeks or months where it is weekly or monthly. For one dose: 1.'),
    )
    layout = (Row('medicine', 'route'), Row('starts_on', 'schedule'), Row('cycle_days', 'dose_days'), 'cycles')

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [('', _('Choose')), *medicines()]
        self.fields['medicine'].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        schedule = str(cleaned.get('schedule'))
        fixed = {'weekly': 7, 'monthly': MONTH}.get(schedule)
        if not self.errors:
            cleaned['cycle_days'] = fixed or cleaned['cycle_days']
            self._check(cleaned)
        return cleaned

    def _check(self, cleaned: dict[str, Any]) -> None:
        try:
            cleaned['dose_days'] = checked_dose_days(
                cleaned['schedule'],
                cycle_days=cleaned['cycle_days'],
                dose_days=cleaned['dose_days'],
                cycles=cleaned['cycles'],
            )
        except ScheduleError as error:
            self.add_error(error.field, _wrong(error.field, cleaned))

    def planned(self) -> tuple[PlannedCycle, ...]:
        """The cycles that a valid form comes to."""
        given = self.cleaned_data
        return plan(
            given['schedule'],
            given['starts_on'],
            cycle_days=given['cycle_days'],
            dose_days=given['dose_days'],
            cycles=given['cycles'],
        )

    def words(self) -> str:
        """The schedule of a valid form as one says it."""
        given = self.cleaned_data
        return schedule_words(
            TreatmentCourse(
                schedule=given['schedule'], cycle_days=given['cycle_days'], dose_days=list(given['dose_days'])
            )
        )

    def therapy_and_agent(self) -> tuple[Therapy, Agent | None]:
        kind, pk = self.cleaned_data['medicine'].split('-')
        if kind == 'therapy':
            return Therapy.objects.get(pk=pk), None
        agent = Agent.objects.select_related('therapy').get(pk=pk)
        return agent.therapy, agent


def _wrong(field: str, cleaned: dict[str, Any]) -> str:
    """What to write instead."""
    if field == 'cycles':
        return gettext('One dose makes one cycle: write 1.')
    if cleaned['schedule'] in (ScheduleKind.ONCE, ScheduleKind.EVERY_N_DAYS):
        return gettext('With this schedule the dose is on day 1: write 1.')
    longest = SHORTEST_MONTH if cleaned['schedule'] == ScheduleKind.MONTHLY else cleaned['cycle_days']
    return gettext('Write days from 1 to %(last)d.') % {'last': longest}


class LocalForm(StaffForm):
    """A form whose days are those of the patient."""

    def __init__(self, *args: Any, patient: Patient, now: datetime, **kwargs: Any) -> None:
        self.patient = patient
        self.zone: ZoneInfo = patient.zone
        self.today = now.astimezone(self.zone).date()
        self.now = now
        super().__init__(*args, **kwargs)

    def instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone)


class DoseForm(LocalForm):
    course = forms.ModelChoiceField(TreatmentCourse.objects.none(), label=_('Course'), empty_label=None)
    given_on = forms.DateField(label=_('Day'), widget=DateInput())
    given_time = forms.TimeField(label=_('When it began (time there)'), widget=TimeInput())
    amount = forms.CharField(label=_('Amount, such as 200 mg'), max_length=60, required=False)
    moves_cycles = forms.BooleanField(
        label=_('This is the first dose of a cycle: let the cycle begin on this day and move the later ones with it'),
        required=False,
    )
    second_that_day = forms.BooleanField(label=_('A further dose on the same day'), required=False)
    layout = ('course', Row('given_on', 'given_time', 'amount'), 'moves_cycles', 'second_that_day')

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = self.patient.courses.select_related('therapy', 'agent')
        self.fields['course'].queryset = courses  # type: ignore[attr-defined]

    def given_at(self) -> datetime:
        return self.instant(self.cleaned_data['given_on'], self.cleaned_data['given_time'])

    def refuse(self, refusal: Exception) -> None:
        if getattr(refusal, 'field', None) == 'given_at':
            self.add_error('given_on', str(refusal))
        else:
            super().refuse(refusal)


class DelayForm(LocalForm):
    number = forms.TypedChoiceField(label=_('Which cycle'), coerce=int)
    starts_on = forms.DateField(label=_('Begins on'), widget=DateInput(), help_text=_('The later cycles move with it.'))
    layout = (Row('number', 'starts_on'),)

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['number'].choices = choices  # type: ignore[attr-defined]


class StopForm(LocalForm):
    on = forms.DateField(
        label=_('Stopped on'), widget=DateInput(), help_text=_('The last day that belongs to the course.')
    )


class BaselineForm(LocalForm):
    kind = forms.ChoiceField(label=_('What'), choices=BaselineKind.choices)
    number = forms.DecimalField(label=_('Usual value'), max_digits=6, decimal_places=1, min_value=0)
    unit = forms.ChoiceField(label=_('Unit of a weight'), choices=WeightUnit.choices, required=False)
    measured_on = forms.DateField(label=_('Measured on'), widget=DateInput())
    layout = ('kind', Row('number', 'unit', 'measured_on'), HTML('{% include "diary/baseline_note.html" only %}'))

    def unit_of_number(self) -> str:
        """Only a weight comes in a unit of choice."""
        kind = self.cleaned_data['kind']
        fixed = {BaselineKind.STOOLS_24H: '', BaselineKind.SYSTOLIC_BP: 'mmHg'}
        return str(fixed.get(kind, self.cleaned_data['unit'] or WeightUnit.KILOGRAM))

    def measured_at(self) -> datetime:
        return self.instant(self.cleaned_data['measured_on'], time.min)

    def refuse(self, refusal: Exception) -> None:
        if getattr(refusal, 'field', None) == 'measured_at':
            self.add_error('measured_on', str(refusal))
        else:
            super().refuse(refusal)


class ContextForm(LocalForm):
    code = forms.ChoiceField(label=_('What'), choices=[('', _('Choose')), *ContextCode.choices])
    from_on = forms.DateField(label=_('From'), widget=DateInput())
    until_on = forms.DateField(
        label=_('Until'),
        widget=DateInput(),
        required=False,
        help_text=_('This day included. Leave it empty while it goes on.'),
    )
    layout = ('code', Row('from_on', 'until_on'))

    def from_at(self) -> datetime:
        return self.instant(self.cleaned_data['from_on'], time.min)

    def until_at(self) -> datetime | None:
        day = self.cleaned_data['until_on']
        return self.instant(day, time.max) if day else None

    def refuse(self, refusal: Exception) -> None:
        field = {'from_at': 'from_on', 'until_at': 'until_on'}.get(getattr(refusal, 'field', None) or '')
        self.add_error(field, str(refusal))


class ContextEndForm(LocalForm):
    until_on = forms.DateField(label=_('Last day'), widget=DateInput(), help_text=_('Today means until now.'))

    def until_at(self) -> datetime:
        """The end of that day; today has not ended, so it is now."""
        day = self.cleaned_data['until_on']
        return self.now if day == self.today else self.instant(day, time.max)

    def refuse(self, refusal: Exception) -> None:
        self.add_error('until_on', str(refusal))


class WithdrawForm(StaffForm):
    reason = forms.ChoiceField(label=_('Why'), choices=WithdrawnReason.choices, widget=forms.RadioSelect)
