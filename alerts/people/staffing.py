"""Who stands on a rung of an alert's ladder now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from alerts.engine.escalation import Clock, Rung, Who
from alerts.people.drill import drill_mailbox
from alerts.people.roster import on_call_now
from alerts.people.watch import hours_of
from alerts.people.ways import way_of_number
from clinic.models import CareTeam, Clinic, Membership, Patient, User


@dataclass(frozen=True)
class Reached:
    """Whom one rung tells; `number` is a telephone number that there is a way to tell."""

    people: tuple[User, ...] = ()
    number: str = ''

    def __len__(self) -> int:
        return len(self.people) + bool(self.number)


class Staff:
    """The people of one clinic at one instant. Each question is asked of the database when it first comes up, and only once."""

    def __init__(self, clinic: Clinic, *, now: datetime) -> None:
        self.clinic = clinic
        self.now = now
        self._teams: dict[int, list[Membership]] = {}

    @cached_property
    def clock(self) -> Clock:
        return Clock(hours_of(self.clinic), self.clinic.zone)

    @cached_property
    def members(self) -> list[Membership]:
        active = self.clinic.memberships.filter(active=True, user__is_active=True)
        return list(active.select_related('user').order_by('pk'))

    @cached_property
    def on_call(self) -> list[Membership]:
        return on_call_now(self.clinic, now=self.now)

    def who(self, rung: Rung, patient: Patient) -> Reached:
        """Whom a rung tells about a patient; empty where nobody stands there. A drill is told to its mailbox alone."""
        if patient.is_drill:
            return Reached(people=(drill_mailbox(),))
        if rung.who is Who.PHONE:
            return Reached(number=rung.phone if way_of_number(rung.phone) else '')
        members = {
            Who.PRIMARY_NURSE: lambda: [one for one in self.members if one.pk == patient.primary_nurse_id],
            Who.ON_CALL: lambda: self.on_call,
            Who.TEAM: lambda: self._team(patient),
            Who.LEAD: lambda: self._leads(),
        }[rung.who]()
        return Reached(people=tuple(member.user for member in members))

    def _team(self, patient: Patient) -> list[Membership]:
        nurses = [member for member in self.members if member.is_nurse]
        if patient.care_team_id is None:
            return nurses
        if patient.care_team_id not in self._teams:
            theirs = set(CareTeam.objects.filter(pk=patient.care_team_id).values_list('members', flat=True))
            self._teams[patient.care_team_id] = [nurse for nurse in nurses if nurse.pk in theirs]
        return self._teams[patient.care_team_id] or nurses

    def _leads(self) -> list[Membership]:
        leads = [member for member in self.members if member.is_lead]
        return leads or [member for member in self.members if member.is_admin]


def all_nurses(patient: Patient) -> Reached:
    """Whom an alert tells whose ladder, plan or hours cannot be read: every active nurse of the clinic. For a drill its mailbox."""
    if patient.is_drill:
        return Reached(people=(drill_mailbox(),))
    nurses = patient.clinic.memberships.filter(active=True, user__is_active=True, is_nurse=True)
    return Reached(people=tuple(nurse.user for nurse in nurses.select_related('user').order_by('pk')))


def everybody(found: Iterable[Reached]) -> tuple[list[User], list[str]]:
    """The people and the numbers of several rungs, each once."""
    found = list(found)
    people = {person.pk: person for reached in found for person in reached.people}
    return list(people.values()), list(dict.fromkeys(reached.number for reached in found if reached.number))
