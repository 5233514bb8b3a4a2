"""The on-call plans of the demo's clinics."""

from datetime import time

from alerts.services.rostering import add_shifts
from clinic.services.demo import DemoPeople

MON, FRI, SAT = 0, 4, 5


def make_shifts(people: DemoPeople) -> None:
    """Rosa has the days of the week and Tom its nights, each a day of the weekend; Sam is on call at Lakeside all week."""
    days = range(MON, SAT)
    day, night = time(8), time(18)
    add_shifts(clinic=people.riverside, membership=people.rosa, weekdays=days, starts=day, ends=night, days=0)
    add_shifts(clinic=people.riverside, membership=people.tom, weekdays=range(MON, FRI), starts=night, ends=day, days=1)
    add_shifts(clinic=people.riverside, membership=people.tom, weekdays=[FRI], starts=night, ends=day, days=2)
    add_shifts(clinic=people.riverside, membership=people.rosa, weekdays=[SAT + 1], starts=day, ends=day, days=1)
    add_shifts(clinic=people.lakeside, membership=people.sam, weekdays=[MON], starts=day, ends=day, days=7)
