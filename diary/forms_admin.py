"""A symptom's wording in Django's admin: the form starts with the version in use, and describes the next one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diary.models import Symptom, SymptomVersion
from diary.services.symptoms import CatalogueError, check_version


class SymptomForm(forms.ModelForm):  # type: ignore[type-arg]
    """`facts` (what counts as an allergic sign, codes, for whom it is asked) decide what rules do: they stay as they are."""

    group = forms.CharField(label=_('group'), max_length=60)
    answers = forms.JSONField(
        label=_('fields'),
        help_text=_(
            'Each field with what it takes: "0-4" for how bad it is, "yes", a unit and a range such as "C 30-45", '
            'or "text up to 2000". Fields can be added. Those that entries have answered stay.'
        ),
    )
    words = forms.JSONField(
        label=_('words'),
        help_text=_(
            'For each language the name, the question, the words of the levels and the question of each field.'
        ),
    )

    may_change_ranges = False  # set by SymptomAdmin: only for whoever runs the server

    class Meta:
        model = Symptom
        fields = ('code', 'position', 'retired_at')

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest: SymptomVersion = self.instance.versions.order_by('number').last()
        for name in ('group', 'answers', 'words'):
            if name in self.fields:
                self.initial[name] = getattr(self.latest, name)
        for name, rows in (('answers', 8), ('words', 40)):
            if name in self.fields:
                self.fields[name].widget = forms.Textarea(attrs={'rows': rows, 'cols': 100, 'spellcheck': 'true'})
                self.fields[name].encoder = None  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self._check(data)
        return data

    def _check(self, data: dict[str, Any]) -> None:
        try:
            before, facts = self.latest.answers, self.latest.facts
            check_version(self.instance.code, answers=data['answers'], words=data['words'], facts=facts, before=before)
        except (CatalogueError, AttributeError, TypeError) as wrong:
            # A list where a mapping belongs is told like any other mistake.
            raise forms.ValidationError(_('This cannot be published. %(why)s'), params={'why': wrong}) from wrong
        changed = [name for name, notation in before.items() if data['answers'][name] != notation]
        if changed and not self.may_change_ranges:
            self.add_error(
                'answers',
                _(
                    'What counts as plausible in “%(fields)s” is the same for every clinic. Whoever runs the server can change it.'
                )
                % {'fields': ', '.join(changed)},
            )

    @property
    def version_content(self) -> dict[str, Any]:
        """What `publish_version` takes, once the form is valid."""
        return {name: self.cleaned_data[name] for name in ('group', 'answers', 'words')} | {'facts': self.latest.facts}
