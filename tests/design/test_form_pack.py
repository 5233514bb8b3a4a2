"""The crispy-forms template pack `vigil`: every widget has its label, its help and its error, each found by its id."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.template import Context, Template

from config.styleguide import SampleForm

CHOICES = [('a', 'A'), ('b', 'B')]
LABELLED = {'aria-label': 'part'}


class EveryWidget(forms.Form):
    """One field for each widget that Django brings and a page may use."""

    text = forms.CharField(help_text='help')
    password = forms.CharField(widget=forms.PasswordInput)
    number = forms.IntegerField(required=False, help_text='help')
    day = forms.DateField(widget=forms.DateInput(attrs={'type': 'date'}))
    moment = forms.SplitDateTimeField(widget=forms.SplitDateTimeWidget(date_attrs=LABELLED, time_attrs=LABELLED))
    area = forms.CharField(widget=forms.Textarea)
    yes = forms.BooleanField(help_text='help')
    one = forms.ChoiceField(choices=CHOICES)
    several = forms.MultipleChoiceField(choices=CHOICES)
    radio = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect, help_text='help')
    grouped = forms.ChoiceField(choices=[('group', CHOICES)], widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    file = forms.FileField(widget=forms.ClearableFileInput)
    hidden = forms.CharField(widget=forms.HiddenInput)


class Page(HTMLParser):
    """Collects ids, references to ids and the controls of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.controls: list[dict[str, str | None]] = []
        self.labels: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f'<{tag}> repeats an attribute'
        if found.get('id'):
            self.ids.append(str(found['id']))
        for name in ('for', 'aria-describedby', 'aria-labelledby'):
            self.references += (found.get(name) or '').split()
        if (found.get('href') or '').startswith('#'):
            self.references.append(str(found['href'])[1:])
        if tag == 'label' and found.get('for'):
            self.labels.add(str(found['for']))
        if tag in {'input', 'select', 'textarea'} and found.get('type') not in {'hidden', 'submit'}:
            self.controls.append(found)


def page_of(form: forms.Form) -> Page:
    return Page(Template('{% load crispy_forms_tags %}{% crispy form %}').render(Context({'form': form})))


@pytest.mark.parametrize(
    'form',
    [EveryWidget(), EveryWidget({}), SampleForm(), SampleForm({})],
    ids=['empty', 'sent', 'sample', 'sample sent'],
)
def test_ids_are_unique_and_every_reference_meets_one(form: forms.Form) -> None:
    page = page_of(form)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) - set(page.ids) == set()


@pytest.mark.parametrize('form', [EveryWidget(), EveryWidget({})], ids=['empty', 'sent'])
def test_every_control_has_a_label(form: forms.Form) -> None:
    page = page_of(form)
    assert page.controls
    assert [c['name'] for c in page.controls if c.get('id') not in page.labels and 'aria-label' not in c] == []


def test_a_wrong_field_says_so_beside_itself_and_in_the_summary() -> None:
    html = Template('{% load crispy_forms_tags %}{% crispy form %}').render(Context({'form': EveryWidget({})}))
    assert 'id="id_text_error"' in html
    assert 'aria-describedby="id_text_helptext id_text_error"' in html
    assert '<a href="#id_text">' in html
    assert '<a href="#id_radio_0">' in html
    assert 'role="alert"' in html


def test_a_field_that_may_stay_empty_says_so_in_words() -> None:
    html = Template('{% load crispy_forms_tags %}{{ form.number|as_crispy_field }}').render(
        Context({'form': EveryWidget()})
    )
    assert '(optional)' in html
