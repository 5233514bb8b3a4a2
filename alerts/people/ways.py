"""By which ways a person can be told, in the order in which they are tried."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.channels import CHANNELS
from alerts.models import Channel, ContactWay
from clinic.models import User


@dataclass(frozen=True)
class Way:
    """One way: her own row, or (None) her e-mail address, which is always the last one."""

    channel: str
    address: str
    row: ContactWay | None = None

    @property
    def row_id(self) -> int | None:
        return self.row.pk if self.row else None


def ways_of(people: Iterable[User]) -> dict[int, list[Way]]:
    """The ways that work for each person, by her id: hers in her order, those known to be dead left out, then e-mail."""
    people = list(people)
    ways: dict[int, list[Way]] = {person.pk: [] for person in people}
    for row in ContactWay.objects.filter(user__in=people, broken_at=None, removed_at=None).order_by('position', 'pk'):
        ways[row.user_id].append(Way(row.channel, row.address, row))
    for person in people:
        ways[person.pk].append(Way(Channel.EMAIL, person.email))
    return {person.pk: [way for way in ways[person.pk] if person.is_active and _reaches(way)] for person in people}


def way_of_number(number: str) -> Way | None:
    """A ladder's phone number is told by text message; None while no service for that is set up."""
    way = Way(Channel.SMS, number)
    return way if _reaches(way) else None


def _reaches(way: Way) -> bool:
    return way.channel in CHANNELS and CHANNELS[way.channel].reaches(way.address)
