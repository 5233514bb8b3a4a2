"""What each default rule looks for, in the words of its patients: for a reader of about 11, without codes.

These words stand for the rules of clinical/rules.yaml as they are. `words_for` gives none for a rule that says anything else.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts.content import default_rules
from alerts.engine import MissedRule, Rule

_WORDS: Mapping[str, Promise] = {
    # -- call the emergency number --------------------------------------------------------------------
    'E01': _('Trouble breathing that is bad, sudden, or there when you rest'),
    'E02': _('A swollen face, lips or tongue, or a tight throat'),
    'E03': _(
        'Chest pain that is more than mild or there when you rest, or comes with short breath, a racing heart or feeling faint'
    ),
    'E04': _(
        'Hives, flushing, itching or a swollen face that is new or soon after a dose. And with it you struggle to breathe, '
        'feel faint, have very bad belly pain or throw up twice'
    ),
    'E05': _(
        'Within a day of a dose: wheezing, short breath, a tight throat, dizziness, feeling faint or low blood pressure'
    ),
    'E06': _('Fainting, or very low blood pressure'),
    'E07': _('A fit, not waking up, or sudden trouble with speech, sight or one side of the body'),
    'E08': _('Confusion that is more than mild or that starts suddenly'),
    'E09': _('Blisters or peeling skin on a tenth of the body, or with fever, sore eyes or a sore mouth'),
    'E10': _(
        'Drooping eyelids, weak muscles or trouble swallowing, when your chest, heart or breathing is not right too'
    ),
    'E11': _('Fever with confusion, trouble breathing, low blood pressure, or hard shaking and dizziness'),
    'E12': _('Very bad belly pain with fever, throwing up or blood in the stool. Or heavy bleeding'),
    'E13': _('Strong thirst, when you also throw up, have belly pain or are confused'),
    'E14': _('Great tiredness or weakness, when you also feel faint and have fever, belly pain or throw up'),
    'A02': _('Within 2 days of a dose: two signs of an allergic reaction, one of them in your breathing or heart'),
    'T02': _(
        'In the first 14 days: fever, shaking, confusion, dizziness, trouble breathing or speaking, a racing heart, '
        'low blood pressure, or being very sick, weak, tired or sore'
    ),
    'T03': _('On day 15 to 30: confusion, trouble speaking or writing, or fever with another sign'),
    'T04': _('In the first 30 days: the wrong date, or a sentence you cannot write'),
    'T05': _('If your white blood cells may be low: a fever of 38.3 °C (101 °F), or 38 °C (100.4 °F) for an hour'),
    # -- phone the team -------------------------------------------------------------------------------
    'R01': _('A racing or uneven heartbeat, or any chest pain'),
    'R02': _('Fever of 38 °C (100.4 °F) or more. Or feeling hot or shaking, when it is more than mild'),
    'R03': _('Any trouble breathing or swallowing'),
    'R04': _('Four or more stools above your usual in a day, loose stools at night, or blood in the stool'),
    'R04X': _('Seven or more stools above your usual in a day'),
    'R05': _('Any confusion or unusual sleepiness'),
    'R06': _('A rash that is wide or painful, or comes with blisters, fever or a sore mouth'),
    'A01': _(
        'Within 2 days of a dose: a rash, hives, itching, flushing, swelling, wheezing, a tight throat, short breath, '
        'dizziness, fainting, a racing heart, chills or fever'
    ),
    'A03': _('Hives or wheezing, whenever it is'),
    'U01': _('Yellow skin or eyes, or dark urine'),
    'U02': _('Drooping eyelids, seeing double, blurred sight or a sore eye'),
    'U03': _('Weak muscles or numbness that is more than mild, or numbness that spreads'),
    'U04': _('A headache that is more than mild, when your sight is blurred, you are tired or you throw up'),
    'U05': _('Much less urine, blood in the urine, or strong thirst'),
    'U06': _('You cannot keep drinks down, or throw up six times a day'),
    'U07': _('A cough that is more than mild, or a cough with fever'),
    'U09': _('Trouble speaking or writing'),
    'S01': _('Your weight changes by a tenth or more'),
    'S03': _('A finger clip that shows less than 92 % oxygen'),
    'C01': _('Anything that you call severe'),
    'C05': _('Two things in one day that your team would look at the same day'),
    'T06': _('Chills or worry, while steroids or fever medicine may hide a fever'),
    # -- the team looks today -------------------------------------------------------------------------
    'R02S': _('Feeling a little hot, or mild chills'),
    'R04S': _('Loose stools'),
    'R06S': _('A skin rash'),
    'A01S': _('Within 2 days of a dose: a cough, feeling sick, a headache or a new pain'),
    'A03S': _('Itching or flushing that is new'),
    'U07S': _('A cough that is new or worse'),
    'U08': _('Bruises or bleeding. Or belly pain or swollen arms or legs, when it is more than mild'),
    'S01S': _('Your weight changes by a twentieth (5 %) or more'),
    'S02': _('Itching, sore joints, aching muscles, tiredness or a sore mouth, when it is more than mild'),
    'C02': _('Something that is two steps worse than last time'),
    'C03': _('Flu-like signs for 3 days, or throwing up or feeling quite sick for 2 days'),
    'C04': _('Something more than mild for 3 days. Or loose stools, a rash or a cough for a week'),
    'C06': _('You write nothing for 3 days (1 day in the first month after CAR T-cells)'),
    'C07': _('You say that you are worried or want a call'),
    # -- look after yourself --------------------------------------------------------------------------
    'M01': _('Hard stools, eating less, feeling sick, a sore injection place, tiredness, headache or aching muscles'),
}


def words_for(rule: Rule | MissedRule) -> str:
    """Our words for a rule, as long as it says what the shipped rule of its name says; else empty."""
    return str(_WORDS[rule.id]) if rule.id in _WORDS and _means_the_same(rule) else ''


def _means_the_same(rule: Rule | MissedRule) -> bool:
    shipped = default_rules()
    if isinstance(rule, MissedRule):
        return shipped.missed.get(rule.id) == rule
    known = shipped.rules.get(rule.id)
    return known is not None and (known.when, known.tier) == (rule.when, rule.tier)
