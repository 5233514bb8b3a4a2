"""The page that shows every component, for people who write pages. Mounted in debug only."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clinic.access import Who, who_may

PAGES = ['components', 'today', 'entry', 'advice', 'worklist']
TIERS = ['emergency', 'urgent', 'same_day', 'monitor', 'none', 'unchecked']
ICONS = [
    *('octagon', 'triangle', 'clock', 'leaf', 'question', 'today', 'diary', 'drop', 'person', 'people', 'list', 'home'),
    *('rules', 'phone', 'check', 'check-circle', 'camera', 'picture', 'eye', 'reply', 'dots', 'back', 'next', 'down'),
    *('up', 'plus', 'minus'),
    *('close', 'search', 'edit', 'repeat', 'sparkle', 'smile', 'pulse', 'thermometer', 'pill', 'syringe', 'calendar'),
    *('info', 'warning', 'bell', 'moon', 'lock', 'exit', 'print', 'link', 'hidden', 'chart', 'book', 'heart', 'vigil'),
]
ADVICE = {
    'emergency': ('Call 911 now', 'Trouble breathing can become serious fast. Do not drive yourself.'),
    'urgent': ('Phone your team now', 'Do not wait until tomorrow, also at night.'),
    'same_day': ('Your team looks at this today', 'You need not phone. They phone you if they want to know more.'),
    'monitor': ('Look after yourself', 'Rest, drink enough, and write again tomorrow.'),
    'unchecked': (
        'Not checked: phone your team',
        'We saved what you wrote, but could not check it. Phone this number.',
    ),
}
PHONES = [
    {'label': 'Your team, until 17:00', 'tel': '+12025550100', 'display': '(202) 555-0100', 'kind': 'strong'},
    {'label': 'Night and weekend', 'tel': '+12025550199', 'display': '(202) 555-0199', 'kind': ''},
    {'label': 'If you get worse', 'tel': '911', 'display': '911', 'kind': 'emergency'},
]


class SampleForm(forms.Form):
    """One of each widget that the product uses."""

    name = forms.CharField(label='Name', help_text='As it stands on the card.')
    email = forms.EmailField(label='E-mail address')
    weight = forms.DecimalField(label='Weight', required=False, help_text='In kilograms.')
    day = forms.DateField(label='Which day?', widget=forms.DateInput(attrs={'type': 'date'}))
    therapy = forms.ChoiceField(label='Therapy', choices=[('ici', 'Checkpoint inhibitor'), ('cart', 'CAR T-cells')])
    route = forms.ChoiceField(
        label='How is it given?', widget=forms.RadioSelect, choices=[('iv', 'Into a vein'), ('oral', 'By mouth')]
    )
    contexts = forms.MultipleChoiceField(
        label='What else holds?',
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[('on_steroids', 'Takes steroids'), ('on_antipyretics', 'Takes fever medicine')],
    )
    note = forms.CharField(label='Note', required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label='I have read this')


@who_may(Who.ANYONE)
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the components; `?frame=staff` in the staff's frame, `?page=` one of PAGES as a whole made-up page."""
    page = request.GET.get('page', 'components')
    if page not in PAGES:
        raise Http404
    if page == 'components' and not messages.get_messages(request):
        messages.success(request, _('Saved. Your team can see it.'))
    return render(request, f'styleguide/{page}.html', _samples(request))


def _samples(request: HttpRequest) -> dict[str, Any]:
    form = SampleForm({'name': '', 'email': 'ana', 'route': 'iv'})
    tier = request.GET.get('tier', 'urgent')
    if tier not in ADVICE:
        raise Http404
    return {
        'frame': 'base_staff.html' if request.GET.get('frame') == 'staff' else 'base_patient.html',
        'staff': {'is_nurse': True, 'is_admin': True},
        'tiers': TIERS,
        'tokens': _tokens(),
        'message_kinds': ['success', 'warning', 'error'],
        'levels': range(5),
        'icons': ICONS,
        'phones': PHONES,
        'tier': tier,
        'advice': ADVICE[tier][0],
        'lead': ADVICE[tier][1],
        'reasons': ['A temperature of 38.6 °C, two days after your dose, can be a sign of infection.'],
        'steps': _receipt(),
        'cycle': _cycle(),
        'chart': _chart(),
        'form': form,
        'at': datetime(2026, 11, 16, 8, 0, tzinfo=UTC),
        'scale': [
            (0, 'None', 'I do not notice it'),
            (1, 'Mild', 'I notice it'),
            (2, 'Moderate', 'I do less because of it'),
            (3, 'Severe', 'I need help'),
            (4, 'Very severe', 'I am in bed'),
        ],
        'usual': [
            ('FEVER', 'Fever'),
            ('FATIGUE', 'Tiredness'),
            ('DIARRHEA', 'Loose stools'),
            ('RASH', 'Rash'),
            ('COUGH', 'Cough'),
        ],
        'skin': [
            ('ITCH', 'Itching'),
            ('BLISTERS', 'Blisters'),
            ('SWELLING', 'Swelling'),
            ('YELLOW', 'Yellow skin or eyes'),
        ],
        'rows': _rows(),
    }


def _tokens() -> dict[str, Any]:
    """The names of colours, and the spaces with their px, as the style sheet has them."""
    source = (Path(settings.BASE_DIR) / 'static' / 'css' / 'tokens.css').read_text()
    light = source[source.index(':root {') : source.index('@media')]
    colours = re.findall(r'--([\w-]+): #[0-9a-f]{6};', light)
    return {'colours': colours, 'spaces': re.findall(r'--(s\d+): (\d+)px;', light)}


def _receipt() -> list[dict[str, str]]:
    return [
        {'title': 'Saved', 'when': 'today at 8:41', 'state': 'done'},
        {'title': 'Checked', 'when': 'today at 8:41', 'state': 'done'},
        {'title': 'Your team sees it by 9:41', 'when': 'R. Diaz is on duty', 'state': 'waiting'},
        {'title': 'Answered', 'when': '', 'state': 'waiting'},
    ]


def _cycle() -> dict[str, Any]:
    tiers = {2: 'urgent', 3: 'same_day', 1: 'monitor', 4: 'monitor'}
    icons = {'urgent': 'triangle', 'same_day': 'clock', 'monitor': 'leaf'}
    days = []
    for number in range(1, 22):
        tier = tiers.get(number, '')
        days.append(
            {
                'number': number,
                'date': f'{15 + number}' if number < 16 else f'{number - 15}',
                'label': f'Day {number}',
                'url': '#' if number < 6 else '',
                'icon': icons.get(tier, 'plus' if number == 5 else ''),
                'tier': tier,
                'is_today': number == 5,
                'is_dose': number == 1,
                'is_future': number > 5,
                'is_rest': False,
                'is_missed': False,
            }
        )
    return {'title': 'Cycle 3', 'note': '16 Nov to 6 Dec', 'days': days}


def _chart() -> dict[str, Any]:
    words = ['None', 'Mild', 'Moderate', 'Severe', 'Very severe']
    values = [0, 1, 2, 2, 3, 2, 1, 1, 0, 1, 2, 3, 3, 2, 1]
    spots = [(82 + index * 19, 168 - value * 35) for index, value in enumerate(values)]
    return {
        'id': 'tiredness',
        'title': 'Tiredness, this cycle and the last',
        'summary': 'Tiredness was severe five days after each dose and mild a week later.',
        'width': 360,
        'height': 200,
        'plot': {'x1': 72, 'y1': 18, 'x2': 356, 'y2': 174, 'height': 156},
        'y_ticks': [{'y': 168 - step * 35, 'label': word} for step, word in enumerate(words)],
        'x_ticks': [{'x': x, 'label': f'day {index + 1}'} for index, (x, _y) in enumerate(spots) if index % 4 == 0],
        'bands': [{'x': 72, 'width': 143}],
        'doses': [{'x': 82, 'label': 'Dose, 26 Oct'}, {'x': 234, 'label': 'Dose, 16 Nov'}],
        'baseline': None,
        'lines': [{'points': ' '.join(f'{x},{y}' for x, y in spots), 'second': False}],
        'dots': [
            {'x': x, 'y': y, 'tier': '', 'label': f'Day {index + 1}: {words[value]}'}
            for index, ((x, y), value) in enumerate(zip(spots, values, strict=True))
        ],
        'radius': 5,
        'columns': ['Day', 'Tiredness'],
        'rows': [[str(index + 1), words[value]] for index, value in enumerate(values)],
    }


def _rows() -> list[dict[str, Any]]:
    keys = ('id', 'tier', 'text', 'waited', 'who', 'sub', 'what', 'owner', 'mine')
    rows = [
        (1, 'emergency', '0:02', 120, 'Ben K.', 'CAR T · day 12', 'Trouble writing, new confusion', 'unowned', False),
        (2, 'urgent', '0:41', 2460, 'Ana M.', 'Cycle 3 · day 5 · pembrolizumab', 'Fever 38.6 °C', 'you', True),
        (
            3,
            'urgent',
            '0:12',
            720,
            'Li W.',
            'Cycle 1 · day 2 · nivolumab',
            '6 stools over usual, at night',
            'unowned',
            False,
        ),
        (
            4,
            'same_day',
            '2:10',
            7800,
            'Omar S.',
            'Cycle 6 · day 20',
            'Rash over 5 % of the skin, itching',
            'R. Diaz',
            False,
        ),
        (5, 'monitor', '5:03', 18180, 'Ines P.', 'Cycle 2 · day 9', 'Mild tiredness for five days', 'R. Diaz', False),
    ]
    return [dict(zip(keys, row, strict=True)) for row in rows]
