"""What fired, in a few words for a line of the worklist: the answers of each case's newest flagged entry."""

from collections.abc import Collection

from alerts.models import Alert, Flag
from alerts.words.answers import Told, staff_units, told
from alerts.words.reasons import by_tier
from clinic.models import Clinic
from diary.catalogue import current_catalogue
from diary.models import Revision

MOST = 4


def fired_words(alerts: Collection[Alert], clinic: Clinic) -> dict[int, str]:
    """By the alert's primary key, such as “fever 101.5 °F (38.6 °C), moderate · chills severe”; three queries for a whole page."""
    newest, leading = _newest(alerts)
    documents = dict(Revision.objects.filter(pk__in=newest.values()).values_list('pk', 'document'))
    catalogue, units = current_catalogue(), staff_units(clinic)
    return {
        alert: _brief(told(documents[revision], catalogue, units), leading[alert]) for alert, revision in newest.items()
    }


def _newest(alerts: Collection[Alert]) -> tuple[dict[int, int], dict[int, list[str]]]:
    """Each alert's newest revision with flags that hold, and the symptoms that these name, the worst tier's first."""
    flags = Flag.objects.filter(alert__in=alerts, withdrawn_at=None).order_by('-evaluation__revision__entry__about_at')
    newest: dict[int, int] = {}
    found: dict[int, list[tuple[int, list[str]]]] = {}
    for alert, tier, symptoms, revision in flags.values_list('alert', 'tier', 'symptoms', 'evaluation__revision'):
        if newest.setdefault(alert, revision) == revision:
            found.setdefault(alert, []).append((by_tier(tier), symptoms))
    leading = {alert: [code for _, codes in sorted(each) for code in codes] for alert, each in found.items()}
    return newest, leading


def _brief(found: list[Told], leading: list[str]) -> str:
    chosen = sorted((one for one in found if one.code in leading), key=lambda one: leading.index(one.code))
    words = [one.brief for one in chosen or found]
    return ' · '.join(words[:MOST]) + (' …' if len(words) > MOST else '')
