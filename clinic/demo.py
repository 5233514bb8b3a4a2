"""Who can be chosen in the demo, and what each of them shows."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from clinic.services.demo import PASSWORD

Words = str | Promise


@dataclass(frozen=True)
class Card:
    """One person of the demo's page; `icon` is a name of the design system's."""

    email: str
    name: str
    note: Words
    icon: str


@dataclass(frozen=True)
class Group:
    title: Words
    cards: list[Card]


GROUPS: list[tuple[Words, list[tuple[str, Words, str]]]] = [
    (
        gettext_lazy('Keep a diary'),
        [
            ('ana', gettext_lazy('Patient. Checkpoint inhibitor, cycle 3'), 'heart'),
            ('ben', gettext_lazy('Patient. Twelve days after CAR T-cells'), 'heart'),
            ('luis', gettext_lazy('Ana’s caregiver: keeps the diary with her'), 'people'),
        ],
    ),
    (
        gettext_lazy('Look after patients'),
        [
            ('rosa', gettext_lazy('Nurse, on call. Ana’s primary nurse'), 'list'),
            ('tom', gettext_lazy('Nurse. Ben’s primary nurse'), 'list'),
            ('grace', gettext_lazy('Admin: people, rules and set-up'), 'rules'),
            ('hugo', gettext_lazy('Admin: reads what Grace wrote before it is published'), 'rules'),
        ],
    ),
    (
        gettext_lazy('Another clinic, which sees nothing of the first'),
        [
            ('sam', gettext_lazy('Nurse and admin at Lakeside'), 'list'),
            ('olga', gettext_lazy('Patient at Lakeside'), 'heart'),
        ],
    ),
]


def demo_cards() -> list[Group]:
    """The people of the demo who are there, in groups, in the order of the story."""
    people = {user.email: user for user in User.objects.filter(is_demo=True, is_active=True)}
    groups = [Group(title, [_card(people, *row) for row in rows if _email(row[0]) in people]) for title, rows in GROUPS]
    return [group for group in groups if group.cards]


def who_can_sign_in() -> list[str]:
    """One line a person, for a terminal; none when the demo's people have not been made."""
    cards = [card for group in demo_cards() for card in group.cards]
    if not cards:
        return []
    lines = [f'  {card.email:<22} {card.name:<14} {card.note}' for card in cards]
    return [_('Made-up people who can sign in (password: %(password)s)') % {'password': PASSWORD}, *lines]


def _email(first_name: str) -> str:
    return f'{first_name}@vigil.example'


def _card(people: dict[str, User], first_name: str, note: Words, icon: str) -> Card:
    user = people[_email(first_name)]
    return Card(user.email, user.name, note, icon)
