"""What the page of the ladders shows: each as sentences, and what would happen to an alert that opens now or on Saturday night."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.engine.escalation import ALERTING, Ladder, Moment, Rung, Who, default_ladder, unanswered
from alerts.engine.lifecycle import acknowledge_by
from alerts.engine.on_call import on_call_at
from alerts.models import EscalationPolicy, TierChoice
from alerts.people.ladders import built
from alerts.people.roster import Roster, roster_of
from alerts.people.staffing import Staff
from alerts.services.escalating import WITHIN
from alerts.words.climbing import joined, who_words
from alerts.words.ladders import limits, sentences
from alerts.words.times import moment_words
from clinic.models import Clinic, Patient

MOST_MOMENTS = 6
MOST_NAMES = 4
SATURDAY = 5
NIGHT = time(3)


@dataclass(frozen=True)
class Told:
    """One line of a preview: when, who, and whether nobody would be there. `is_promise`: by then somebody must have seen it."""

    when: str
    who: str
    is_empty: bool = False


@dataclass(frozen=True)
class Preview:
    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class LadderCard:
    """One tier's ladder. `policy` is None while the defaults hold; `warnings` name the rungs on which nobody stands now."""

    ladder: Ladder
    policy: EscalationPolicy | None
    sentences: tuple[str, ...]
    limits: tuple[str, ...]
    warnings: tuple[str, ...]
    is_empty: bool
    previews: tuple[Preview, ...]

    @property
    def tier(self) -> str:
        return self.ladder.tier.word

    @property
    def label(self) -> str:
        return str(TierChoice(self.tier).label)


class _Later(Staff):
    """The same clinic at another instant: the people are read once."""

    def __init__(self, staff: Staff, roster: Roster, *, at: datetime) -> None:
        super().__init__(staff.clinic, now=at)
        self.members, self.clock = staff.members, staff.clock
        self.on_call = list(roster.named(on_call_at(roster.rota, at)))


class Foresight:
    """Who would be told when, at one clinic, about a patient of whom nothing is known."""

    def __init__(self, clinic: Clinic, *, now: datetime) -> None:
        self.now = now
        self.staff = Staff(clinic, now=now)
        self.roster = roster_of(clinic, since=now)
        self.anybody = Patient(clinic=clinic)

    def reach(self, at: datetime, rung: Rung) -> int:
        return 1 if rung.who is Who.PRIMARY_NURSE else len(self._at(at).who(rung, self.anybody))

    def names(self, at: datetime, rung: Rung) -> list[str]:
        if rung.who in (Who.PRIMARY_NURSE, Who.PHONE):
            return [who_words(rung)]
        return _some([person.name for person in self._at(at).who(rung, self.anybody).people])

    def course(self, ladder: Ladder, opened: datetime) -> Iterator[Moment]:
        clock = self.staff.clock
        promise = acknowledge_by(ladder.tier, opened, WITHIN[ladder.tier], clock.hours, clock.zone)
        return unanswered(ladder, opened=opened, acknowledge_by=promise, clock=clock, reach=self.reach)

    def _at(self, at: datetime) -> Staff:
        return _Later(self.staff, self.roster, at=at)


def cards_of(clinic: Clinic, *, now: datetime) -> list[LadderCard]:
    """One card a tier, the most pressing first. A constant number of queries."""
    policies = {one.tier: one for one in _policies(clinic)}
    foresight = Foresight(clinic, now=now)
    return [_card(tier.word, policies.get(tier.word), foresight) for tier in ALERTING]


def _policies(clinic: Clinic) -> list[EscalationPolicy]:
    return list(EscalationPolicy.objects.filter(clinic=clinic).select_related('changed_by').prefetch_related('steps'))


def ladder_for(clinic: Clinic, tier: str) -> Ladder:
    policy = next((one for one in _policies(clinic) if one.tier == tier), None)
    return _ladder(tier, policy)


def _ladder(tier: str, policy: EscalationPolicy | None) -> Ladder:
    return built(policy, list(policy.steps.all())) if policy else default_ladder(TIERS[tier])


TIERS = {tier.word: tier for tier in ALERTING}


def _card(tier: str, policy: EscalationPolicy | None, foresight: Foresight) -> LadderCard:
    ladder = _ladder(tier, policy)
    missing = [rung for rung in ladder.rungs if not foresight.reach(foresight.now, rung)]
    return LadderCard(
        ladder=ladder,
        policy=policy,
        sentences=tuple(sentences(ladder)),
        limits=tuple(limits(ladder)),
        warnings=tuple(dict.fromkeys(_missing(rung) for rung in missing)),
        is_empty=len(missing) == len(ladder.rungs),
        previews=tuple(_previews(ladder, foresight)),
    )


def _missing(rung: Rung) -> str:
    return {
        Who.ON_CALL: _('Nobody is on call now.'),
        Who.TEAM: _('The team has no active nurse.'),
        Who.LEAD: _('There is no lead and no admin to tell.'),
        Who.PHONE: _('No service for text messages is set up, so %(number)s cannot be told.') % {'number': rung.phone},
    }[rung.who]


def _previews(ladder: Ladder, foresight: Foresight) -> Iterator[Preview]:
    now, zone = foresight.now, foresight.staff.clock.zone
    local = now.astimezone(zone)
    saturday = datetime.combine(local.date() + timedelta((SATURDAY - local.weekday()) % 7), NIGHT, zone)
    saturday = saturday if saturday > local else saturday + timedelta(7)
    yield Preview(_('Opens now, and nobody takes it'), _told(ladder, foresight, now))
    yield Preview(_('Opens on Saturday at 3:00, and nobody takes it'), _told(ladder, foresight, saturday))


def _told(ladder: Ladder, foresight: Foresight, opened: datetime) -> tuple[Told, ...]:
    moments = islice(foresight.course(ladder, opened), MOST_MOMENTS)
    return tuple(_line(moment, ladder, foresight) for moment in moments)


def _line(moment: Moment, ladder: Ladder, foresight: Foresight) -> Told:
    when = moment_words(moment.at, now=foresight.now, zone=foresight.staff.clinic.zone)
    taken = moment.climb.taken
    if taken:
        return Told(when, joined(name for rung in taken for name in foresight.names(moment.at, rung)))
    if not ladder.is_red and moment.round == ladder.rounds:
        return Told(when, _('the review list; nobody is told'))
    return Told(when, _('nobody could be told'), is_empty=True)


def _some(names: list[str]) -> list[str]:
    """All of them, or the first and how many more."""
    if len(names) <= MOST_NAMES:
        return names
    more = len(names) - MOST_NAMES + 1
    return [*names[: MOST_NAMES - 1], ngettext('%(n)d more', '%(n)d more', more) % {'n': more}]
