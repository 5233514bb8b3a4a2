"""What an admin types about a made-up patient. Nothing of it is kept: it goes from form to form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from alerts.engine import Catalogue, ContextSpan, Dose
from alerts.words.answers import SHORT
from diary.models import BaselineKind, ContextCode

MOST_ROWS = 40
MOST_DAYS = 3660
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class Clock:
    """How local times on the page are read. `known` maps a text as the page shows it to the very instant that it stands for."""

    zone: ZoneInfo
    now: datetime
    known: Mapping[str, datetime] = field(default_factory=dict)

    def text(self, moment: datetime | None) -> str:
        """As `datetime-local` fields take it."""
        if moment is None:
            return ''
        local = moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return local.isoformat(timespec='seconds' if local.second else 'minutes')

    def read(self, text: str) -> datetime | None:
        """Raises ValueError."""
        if not text or text in self.known:
            return self.known.get(text)
        local = datetime.fromisoformat(text)
        if local.tzinfo is not None or not FIRST_YEAR <= local.year <= LAST_YEAR:
            raise ValueError(text)
        return local.replace(tzinfo=self.zone)


class LocalTime(forms.CharField):
    """A date and a time in the patient's time zone."""

    def __init__(self, label: Any) -> None:
        widget = forms.TextInput(attrs={'class': 'input', 'type': 'datetime-local'})
        super().__init__(label=label, required=False, max_length=40, widget=widget)


class Timed(forms.Form):
    """A form that reads local times by a clock."""

    def __init__(self, *args: Any, clock: Clock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clock = clock

    def moment(self, name: str) -> datetime | None:
        try:
            return self.clock.read(self.cleaned_data.get(name, ''))
        except ValueError:
            self.add_error(name, _('Choose a date and a time, like 16 November 2026, 8:30.'))
            return None


class WhenForm(Timed):
    """An instant: so many days ago at this time of day, or a date and a time."""

    days = forms.IntegerField(
        label=_('Days ago'),
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={'class': 'input short', 'inputmode': 'numeric'}),
        error_messages=dict.fromkeys(
            ('invalid', 'min_value', 'max_value'), _('Write a whole number of days, from 0 to 3660.')
        ),
    )
    at = LocalTime(_('or date and time'))
    at_instant: datetime | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        days = given.get('days')
        if days is not None and given.get('at'):
            self.add_error('at', _('Give the days or the date and time, not both.'))
        elif days is not None:
            self.at_instant = self.clock.now - timedelta(days=days)
        else:
            self.at_instant = self.moment('at')
        return given


class EntryWhenForm(WhenForm):
    """When the entry was written that is open on the page."""

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.at_instant is None and not self.errors:
            self.add_error('at', _('Say when this entry was written.'))
        return given


class DoseForm(WhenForm):
    """A dose of a therapy class; an empty row is none."""

    field_order = ['therapy', 'days', 'at']
    therapy = forms.ChoiceField(label=_('Therapy'), required=False)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = ((code, therapy.name) for code, therapy in catalogue.therapies.items())
        _choices(self, 'therapy', classes)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get('therapy') and self.at_instant is None and not self.errors:
            self.add_error('at', _('Say when this dose was given.'))
        if self.at_instant is not None and not given.get('therapy'):
            self.add_error('therapy', _('Choose the therapy, or empty the time.'))
        return given

    def dose(self) -> Dose | None:
        chosen = self.cleaned_data.get('therapy')
        return Dose(chosen, self.at_instant) if chosen and self.at_instant else None


class ContextForm(Timed):
    """Something that holds for the patient for a time; an empty row is none."""

    context = forms.ChoiceField(label=_('What holds'), required=False)
    start = LocalTime(_('From (empty: always)'))
    end = LocalTime(_('Until (empty: still)'))
    span: ContextSpan | None = None

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = dict(ContextCode.choices)
        _choices(self, 'context', ((code, words.get(code, code)) for code in catalogue.contexts))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        start, end = self.moment('start'), self.moment('end')
        if start and end and end < start:
            self.add_error('end', _('This is before it starts.'))
        if (start or end) and not given.get('context'):
            self.add_error('context', _('Choose what holds, or empty the times.'))
        if given.get('context'):
            self.span = ContextSpan(given['context'], start, end)
        return given


class PatientForm(forms.Form):
    """The time zone, and what is usual for the patient: one field for each value that rules compare with."""

    time_zone = forms.CharField(
        label=_('Time zone'),
        max_length=60,
        widget=forms.TextInput(attrs={'class': 'input', 'autocomplete': 'off', 'spellcheck': 'false'}),
    )

    def __init__(self, *args: Any, catalogue: Catalogue, usual: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usual = usual
        for name in usual:
            known = catalogue.baselines[name]
            self.fields[f'usual-{name}'] = forms.DecimalField(
                label=capfirst(_usual_label(name)),
                required=False,
                min_value=known.low,
                max_value=known.high,
                widget=forms.NumberInput(attrs={'class': 'input short', 'inputmode': 'decimal', 'step': 'any'}),
            )

    def clean_time_zone(self) -> ZoneInfo:
        """Looked up among known names first: a name from outside never becomes a file path."""
        name = str(self.cleaned_data['time_zone']).strip()
        if name not in available_timezones():
            raise forms.ValidationError(_('We do not know this time zone. Write one like Europe/Berlin.'))
        return ZoneInfo(name)

    def baseline(self) -> dict[str, Any]:
        given = {name: self.cleaned_data.get(f'usual-{name}') for name in self.usual}
        return {name: value for name, value in given.items() if value is not None}


class FindForm(forms.Form):
    """Whom to look for among the clinic's patients. Who is no nurse reads no names, so she finds nobody by one."""

    words = forms.CharField(
        label=_('Name or record number'),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={'class': 'input', 'autocomplete': 'off'}),
    )

    def __init__(self, *given: Any, by_name: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        if not by_name:
            self.fields['words'].label = _('Record number')


def _choices(form: forms.Form, name: str, known: Any) -> None:
    chosen = form.fields[name]
    assert isinstance(chosen, forms.ChoiceField)
    chosen.choices = [('', _('– none –')), *known]


def _usual_label(name: str) -> Any:
    labels = dict(BaselineKind.choices)
    return labels.get(name) or SHORT.get(name, name.replace('_', ' '))


DoseForms: Callable[..., 'BaseFormSet[DoseForm]'] = formset_factory(
    DoseForm, extra=1, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 1
)
ContextForms: Callable[..., 'BaseFormSet[ContextForm]'] = formset_factory(
    ContextForm, extra=1, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 1
)
