"""What somebody reads before a diary is kept: the words of the version that is asked for now, and what fills their gaps."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from alerts.engine import RuleError, Tier
from alerts.queries.silences import rules_of
from clinic.access import Actor
from clinic.consent_facts import facts_of
from clinic.consent_words import Told, Words, current, words_of
from clinic.help_words import told_rights
from clinic.models import Clinic

HOUR = 60


@dataclass(frozen=True)
class Welcome:
    """`told` are the words as this person reads them; `facts` is what was put into their gaps."""

    words: Words
    facts: dict[str, Any]
    told: Told


def welcome_of(actor: Actor) -> Welcome:
    """In the language of the request; three queries. Only for somebody with a diary open."""
    assert actor.patient is not None
    language = (get_language() or 'en').split('-')[0]
    words = words_of(actor.role, current(actor.role), language)
    facts = facts_of(actor.patient) | {'promise': promise_words(actor.patient.clinic)}
    if actor.caregiver is not None:
        facts['rights'] = told_rights(actor.caregiver)
    return Welcome(words, facts, words.told(facts))


def promise_words(clinic: Clinic) -> list[str]:
    """How soon somebody looks at what was found, as the clinic's own rules promise it. Nothing where no rules can be read."""
    try:
        rules = rules_of(clinic)
    except RuleError:
        return []
    minutes = rules.acknowledge_within_minutes if rules else {}
    words = {
        Tier.URGENT: _(
            'When the page says “Phone your team now”: they aim to look within %(time)s. Phone all the same.'
        ),
        Tier.SAME_DAY: _('When it says “Your team looks at this today”: within %(time)s in which the clinic is open.'),
    }
    said = [text % {'time': _long(minutes[tier])} for tier, text in words.items() if tier in minutes]
    return [*said, _('Else nobody is called. Your team can read it at your next visit.')] if said else []


def _long(minutes: int) -> str:
    if minutes % HOUR:
        return ngettext('%(n)d minute', '%(n)d minutes', minutes) % {'n': minutes}
    return ngettext('%(n)d hour', '%(n)d hours', minutes // HOUR) % {'n': minutes // HOUR}
