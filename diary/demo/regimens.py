"""How made-up people are treated: the seven therapy classes of the founding documents, on believable schedules.

The schedules are usual ones, simplified; they are made up for the demo and no recommendation.
"""

from dataclasses import dataclass

from diary.models import Route, ScheduleKind

NO_AGENT = ''


@dataclass(frozen=True)
class Regimen:
    """A treatment as a nurse would enter it. `home` doses are taken at home: only the first of a cycle is recorded."""

    therapy: str
    agent: str
    route: Route
    schedule: ScheduleKind
    cycle_days: int
    dose_days: tuple[int, ...]
    cycles: int
    amount: str
    weight: int  # how often it is met among made-up people
    home: bool = False


IV, ORAL, TOPICAL, INJECTION = Route.INTRAVENOUS, Route.ORAL, Route.TOPICAL, Route.INJECTION
EVERY, CYCLES, WEEKLY = ScheduleKind.EVERY_N_DAYS, ScheduleKind.CYCLES, ScheduleKind.WEEKLY
THREE_A_WEEK = (1, 3, 5, 8, 10, 12, 15, 17, 19, 22, 24, 26)

REGIMENS = (
    Regimen('checkpoint_inhibitor', 'pembrolizumab', IV, EVERY, 21, (1,), 12, '200 mg', 9),
    Regimen('checkpoint_inhibitor', 'nivolumab', IV, EVERY, 28, (1,), 12, '480 mg', 7),
    Regimen('checkpoint_inhibitor', 'ipilimumab', IV, EVERY, 21, (1,), 4, '3 mg/kg', 3),
    Regimen('checkpoint_inhibitor', 'durvalumab', IV, ScheduleKind.MONTHLY, 30, (1,), 12, '1500 mg', 3),
    Regimen('checkpoint_inhibitor', 'atezolizumab', IV, EVERY, 21, (1,), 10, '1200 mg', 3),
    Regimen('car_t', 'axicabtagene ciloleucel', IV, ScheduleKind.ONCE, 30, (1,), 1, 'one infusion', 2),
    Regimen('car_t', 'tisagenlecleucel', IV, ScheduleKind.ONCE, 30, (1,), 1, 'one infusion', 2),
    Regimen('monoclonal_antibody', 'rituximab', IV, WEEKLY, 7, (1,), 8, '375 mg/m²', 3),
    Regimen('monoclonal_antibody', 'trastuzumab', IV, CYCLES, 28, (1, 8, 15), 6, '2 mg/kg', 3),
    Regimen('cytokine', 'interferon alfa', INJECTION, CYCLES, 28, THREE_A_WEEK, 6, '10 million units', 3, home=True),
    Regimen('cytokine', 'aldesleukin', INJECTION, CYCLES, 14, (1, 2, 3, 4, 5), 6, '9 million units', 2),
    Regimen('cancer_vaccine', 'sipuleucel-T', IV, EVERY, 14, (1,), 3, 'one infusion', 2),
    Regimen('cancer_vaccine', 'BCG into the bladder', Route.INTRAVESICAL, WEEKLY, 7, (1,), 6, '81 mg', 3),
    Regimen('immunomodulator', 'lenalidomide', ORAL, CYCLES, 28, tuple(range(1, 22)), 6, '25 mg a day', 3, home=True),
    Regimen(
        'immunomodulator', 'imiquimod cream', TOPICAL, CYCLES, 7, tuple(range(1, 6)), 6, 'one sachet', 2, home=True
    ),
    Regimen('targeted_molecular', NO_AGENT, ORAL, ScheduleKind.DAILY, 28, (), 6, 'one tablet a day', 2, home=True),
    Regimen('targeted_molecular', NO_AGENT, ORAL, CYCLES, 21, tuple(range(1, 15)), 8, '2 tablets a day', 2, home=True),
)
