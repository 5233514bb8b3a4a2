"""axe finds nothing on any page, phone and desk, light and dark, with believable rows on it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Alert, RuleSet
from alerts.services.rules.drafting import begin, change_rule
from diary.models import Entry
from tests.axe import unreadable, violations
from tests.diary.pictured import photographed
from tests.journeys.conftest import Stage
from tests.journeys.test_main_job import log_a_fever
from tests.live import eventually

pytestmark = pytest.mark.timeout(1800)  # some 200 looks; a limit against hanging, not for speed


# axe asks for the colour in which letters are filled. Asked so, Chromium tells the page's own even where the system's is painted.
PAINTED = """() => {
  const ask = CSSStyleDeclaration.prototype.getPropertyValue;
  CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
    return ask.call(this, name === '-webkit-text-fill-color' && matchMedia('(forced-colors: active)').matches ? 'color' : name);
  };
}"""


def a_draft(stage: Stage) -> RuleSet:
    """Grace has left an emergency rule out and tightened another rule."""
    given: dict[str, Any] = {'by': stage.grace.user, 'now': timezone.now()}
    draft = begin(clinic=stage.clinic, title='Sooner', why='Two calls came late.', **given)
    draft = change_rule(draft=draft, rule='E01', after=None, seen=0, **given)
    after = {**draft.content['rules']['R04X'], 'acknowledge_within_minutes': 15}
    return change_rule(draft=draft, rule='R04X', after=after, seen=1, **given)


def pages(stage: Stage) -> dict[str, list[str]]:
    entry, alert = Entry.objects.get().public_id, Alert.objects.get(line='red').public_id
    ana, draft = stage.ana.public_id, a_draft(stage).pk
    photo = photographed(Entry.objects.get()).public_id
    return {
        'visitor': ['/', '/account/login/', '/account/password/reset/'],
        'ana': [
            *(
                '/today/',
                '/entry/new/',
                '/entry/new/?short=1',
                f'/entry/new/?day={timezone.localdate(timezone=stage.ana.zone) - timedelta(days=1)}',
                f'/entry/{entry}/',
                f'/entry/{entry}/advice/',
                f'/entry/{entry}/correct/',
                f'/photos/{photo}/remove/',
            ),
            *(
                '/diary/',
                '/diary/charts/',
                '/diary/charts/?span=all&by=cycle',
                '/diary/summary/',
                '/diary/summary/questions/',
                '/treatment/',
                '/treatment/pause/',
                '/help/',
                '/unsent/',
                '/what-we-look-for/',
                '/me/',
                '/me/looks/',
                '/me/helpers/',
                '/me/helpers/invite/',
                f'/me/helpers/{stage.luis.pk}/',
                '/me/agreement/',
                '/me/agreement/stop/',
                '/me/export/',
                '/me/reminder/',
            ),
        ],
        'luis': ['/today/', '/me/agreement/', '/me/whose/'],
        'rosa': [
            *('/on-call/', '/on-call/hand-over/'),
            *('/hand-over/', '/silent/', '/samples/', '/clinic/rules/budget/', '/clinic/rules/misses/'),
            *(
                '/worklist/',
                f'/alerts/{alert}/',
                '/hidden/',
                '/patients/',
                '/patients/enrol/',
                '/figures/',
                '/me/',
                '/me/ways/',
            ),
            *(
                f'/patients/{ana}/{place}'
                for place in (
                    '',
                    'edit/',
                    'invite/',
                    'courses/new/',
                    'doses/new/',
                    'usual/new/',
                    'contexts/new/',
                    'pauses/new/',
                    'visits/new/',
                    'summary/',
                    'trends/',
                )
            ),
            f'/patients/{ana}/entries/{entry}/',
            *('/clinic/content/', '/clinic/content/A01/'),
        ],
        'grace': [
            *(
                '/on-call/',
                '/on-call/shifts/new/',
                '/on-call/changes/new/',
                '/clinic/',
                '/clinic/invite/',
                '/clinic/watch/',
                '/clinic/escalation/',
                '/clinic/escalation/emergency/',
                '/clinic/rules/',
                '/clinic/rules/begin/',
                *(f'/clinic/rules/{draft}/{place}' for place in ('', 'new/', 'text/')),
                *(f'/clinic/rules/{draft}/rule/E04/{place}' for place in ('', 'text/', 'delete/')),
            ),
            *('/clinic/rules/budget/', '/clinic/rules/budget/limits/', '/clinic/rules/misses/'),
            *('/clinic/rules/import/', '/clinic/catalogue/import/'),
            f'/clinic/rules/{RuleSet.objects.get(clinic=None, status="published").pk}/try/',
            f'/clinic/rules/{RuleSet.objects.get(clinic=None, status="published").pk}/replay/',
            f'/clinic/rules/{RuleSet.objects.get(clinic=None, status="published").pk}/trial/',
            *('/admin/', '/admin/diary/symptom/', '/admin/alerts/ruleset/'),
        ],
    }


# Light, dark, and the colours that a system forces on every page.
LOOKS: list[dict[str, Any]] = [
    {'color_scheme': 'light', 'forced_colors': 'none'},
    {'color_scheme': 'dark', 'forced_colors': 'none'},
    {'color_scheme': 'dark', 'forced_colors': 'active'},
]


@pytest.mark.parametrize(('size', 'looks'), [('phone', LOOKS), ('desk', LOOKS[:2])], ids=['phone', 'desk'])
def test_axe_finds_nothing(stage: Stage, size: str, looks: list[dict[str, Any]]) -> None:
    """Every page is opened once: all rules in the first look, those of colours in each."""
    log_a_fever(stage.window(stage.ana, size), stage)
    eventually(lambda: Alert.objects.filter(line='red').exists(), what='the alert')
    found = []
    for who, paths in pages(stage).items():
        person = None if who == 'visitor' else getattr(stage, who)
        page = stage.window(person, size, reduced_motion='reduce')
        for path in paths:
            stage.go(page, path)
            page.evaluate(PAINTED)
            for look in looks:
                page.emulate_media(**look)
                seen = violations(page) if look is looks[0] else unreadable(page)
                found += [f'{" ".join(look.values())}: {each}' for each in seen]
    assert not found, '\n'.join(found)
