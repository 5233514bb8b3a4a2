"""Made-up names, ages and ways of keeping a diary."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from diary.demo.regimens import REGIMENS, Regimen

_FIRST = (
    'Aisha Amir Carla Chen Dana David Elif Emma Fatima Felix Grace Hana Hugo Ines Ivan Jamal Jana Jorge Karin Kofi Lena Liam '
    'Lin Maya Mei Milan Nadia Nina Noah Omar Paula Pedro Rana Rosa Ruth Sara Sofia Tariq Tessa Theo Vera Viktor Wanda Yara Zoe'
)
_LAST = (
    'Abbas Adler Bauer Bianchi Brandt Castro Chan Cohen Costa Diallo Dubois Eriksen Farah Fischer Garcia Haddad Hansen Ito '
    'Ivanov Jensen Kaya Keller Kim Kowalski Lopez Mbeki Meyer Moreau Nagy Nakamura Okafor Olsen Patel Petrov Quinn Rossi Ruiz '
    'Santos Schmidt Silva Singh Tanaka Torres Vargas Weiss Yilmaz Zhang'
)
FIRST, LAST = _FIRST.split(), _LAST.split()


@dataclass(frozen=True)
class Person:
    """One made-up patient. `keen` is the share of days with an entry in the first week; `tires` how fast it falls a day."""

    number: int
    name: str
    birth_date: date
    regimen: Regimen
    keen: float
    tires: float
    usual_stools: int
    systolic: int
    weight: float
    evening: bool


def make_person(rng: random.Random, *, number: int, today: date, regimen: Regimen | None = None) -> Person:
    weights = [each.weight for each in REGIMENS]
    return Person(
        number=number,
        name=f'{FIRST[number * 7 % len(FIRST)]} {rng.choice(LAST)}',  # first names do not repeat soon
        birth_date=today - timedelta(rng.randint(34 * 365, 84 * 365)),
        regimen=regimen or rng.choices(REGIMENS, weights)[0],
        keen=rng.uniform(0.72, 0.99),
        tires=rng.uniform(0.001, 0.008),
        usual_stools=rng.choices((0, 1, 2, 3), (1, 6, 3, 1))[0],
        systolic=rng.randint(108, 146),
        weight=round(rng.uniform(54, 98), 1),
        evening=rng.random() < 0.65,
    )
