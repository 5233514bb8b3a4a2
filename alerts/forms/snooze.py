"""The form with which a nurse says up to which level a finding is expected, until when and why."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.engine.numbers import exact
from alerts.engine.snoozing import MOST_DAYS, Level
from alerts.expectations import Findings
from alerts.forms.alert import VersionForm
from alerts.words.answers import StaffUnits, short_name
from diary.catalogue import CatalogueView, SymptomSpec
from diary.fields import PRESENT, FieldKind, FieldSpec
from diary.forms_treatment import DateInput
from diary.numbers import SYMBOLS, canonical, converted

USUAL_DAYS = 3
MODERATE = 2  # what is severe is for a person to see: it is offered only where it was told already
LONGEST_REASON = 200
OWN = 'own'
WHY = {
    'discussed': _('known and discussed'),
    'medicine': _('medicine changed, wait for its effect'),
    'appointment': _('seen at the next visit'),
    'usual': _('usual for this patient'),
}


@dataclass(frozen=True)
class Part:
    """One symptom of the form: its name, its fields by name, and what else is expected as it is today, in words."""

    spec: SymptomSpec
    level: Level
    select: str
    numbers: tuple[str, ...]

    @property
    def also(self) -> str:
        return ', '.join(short_name(self.spec.fields[name]) for name in sorted(self.level.yes) if name != PRESENT)


@dataclass(frozen=True)
class Shown:
    """A part with its bound fields; `also` is what else is expected, as it was told."""

    name: str
    fields: list[forms.BoundField]
    also: str


class SnoozeForm(VersionForm):
    """Built for one alert: `findings` are what holds in it, `today` the clinic's local day."""

    why = forms.ChoiceField(
        label=_('Why'),
        choices=[*WHY.items(), (OWN, _('another reason'))],
        widget=forms.RadioSelect(attrs={'class': 'check'}),
        error_messages={'required': _('Choose why, or write it.')},
    )
    reason = forms.CharField(
        label=_('In your own words'),
        max_length=LONGEST_REASON - 60,
        required=False,
        widget=forms.TextInput(attrs={'class': 'input'}),
    )
    until = forms.DateField(
        label=_('Until the end of'),
        widget=DateInput,
        error_messages={'required': _('Choose a day.'), 'invalid': _('Choose a day.')},
    )

    def __init__(
        self, *args: Any, findings: Findings, catalogue: CatalogueView, units: StaffUnits, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.units, self.today = units, today
        self.fields['until'].initial = today + timedelta(days=USUAL_DAYS)
        until = {'class': 'input', 'min': f'{today}', 'max': f'{today + timedelta(days=MOST_DAYS)}'}
        self.fields['until'].widget.attrs.update(until)
        expected = findings.expected.symptoms
        self.parts = [self._part(catalogue.symptom(code), level) for code, level in expected.items()]

    def clean_until(self) -> date:
        until: date = self.cleaned_data['until']
        if not self.today <= until <= self.today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(
                _('Choose a day from today on, at most %(days)s days ahead.'), params={'days': MOST_DAYS}
            )
        return until

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if found.get('why') == OWN and not found.get('reason', '').strip():
            self.add_error('reason', gettext('Write the reason in a few words.'))
        return found

    @property
    def said(self) -> str:
        """The reason as it is kept: the chosen words, and her own after them."""
        own = self.cleaned_data['reason'].strip()
        chosen = '' if self.cleaned_data['why'] == OWN else str(WHY[self.cleaned_data['why']])
        return ': '.join(words for words in (chosen, own) if words)

    @property
    def levels(self) -> dict[str, Level]:
        """The expected level of each symptom; what cannot be chosen stays as it is today."""
        return {part.spec.code: self._chosen(part) for part in self.parts}

    @property
    def shown(self) -> list[Shown]:
        """The parts as a template shows them."""
        return [
            Shown(part.spec.name, [self[name] for name in (part.select, *part.numbers) if name], part.also)
            for part in self.parts
        ]

    def _part(self, spec: SymptomSpec, level: Level) -> Part:
        select = self._add_severity(spec, level) if spec.has_severity else ''
        return Part(spec, level, select, tuple(self._add_number(spec, level, name) for name in sorted(level.numbers)))

    def _add_severity(self, spec: SymptomSpec, level: Level) -> str:
        told, name = level.severity or 0, f'level-{spec.code}'
        words = [(str(each.value), _as_today(each.word.lower(), each.value == told)) for each in spec.levels]
        self.fields[name] = forms.ChoiceField(
            label=gettext('%(symptom)s: expected up to') % {'symptom': spec.name},
            choices=[words[n] for n in range(min(told, 1), max(told, MODERATE) + 1)],
            initial=str(told),
            widget=forms.Select(attrs={'class': 'input'}),
        )
        return name

    def _add_number(self, spec: SymptomSpec, level: Level, field: str) -> str:
        of, name = spec.fields[field], f'number-{spec.code}-{field}'
        words = {'symptom': spec.name, 'what': self._what(of)}
        self.fields[name] = forms.DecimalField(
            label=gettext('%(symptom)s, %(what)s: expected up to') % words,
            min_value=_up(converted(of.low, self.units.of(of.unit))),
            max_value=_up(converted(of.high, self.units.of(of.unit))),
            max_digits=6,
            decimal_places=1,
            # Rounded up, so that today's own value is within what she sees.
            initial=_up(converted(Decimal(level.numbers[field]), self.units.of(of.unit))),
            widget=forms.NumberInput(attrs={'class': 'input', 'step': '0.1'}),
        )
        return name

    def _what(self, of: FieldSpec) -> str:
        """Such as “temperature in °F” or “stools in 24 hours”."""
        if of.kind is FieldKind.COUNT:
            return short_name(of)
        unit = self.units.of(of.unit)
        return gettext('%(what)s in %(unit)s') % {'what': short_name(of), 'unit': SYMBOLS.get(unit, unit)}

    def _chosen(self, part: Part) -> Level:
        severity = int(self.cleaned_data[part.select]) if part.select else part.level.severity
        numbers = {field: self._number(part, field) for field in part.level.numbers}
        return replace(part.level, severity=severity, numbers=numbers)

    def _number(self, part: Part, field: str) -> Any:
        typed: Decimal = self.cleaned_data[f'number-{part.spec.code}-{field}']
        inner = canonical(typed, self.units.of(part.spec.fields[field].unit))
        return exact(inner.quantize(Decimal('.01'), ROUND_CEILING))


def today_at(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _as_today(word: str, is_today: bool) -> str:
    return gettext('%(level)s (as told)') % {'level': word} if is_today else word


def _up(value: Decimal) -> Decimal:
    return value.quantize(Decimal('.1'), ROUND_CEILING)
