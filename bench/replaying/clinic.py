"""Made-up lives of the demo (diary/demo), written through the product's services, then repeated for as many patients as needed."""

from datetime import datetime

from django.db import connection, transaction

from alerts import hints
from clinic.models import Clinic, Membership, User
from diary.catalogue import current_catalogue
from diary.demo import story
from diary.demo.writer import Writer
from tests import cast

LIVES, DAYS = 40, 90

_MORE = (
    # Patients first: which of them is whose copy is in the record number.
    """INSERT INTO clinic_patient (public_id, clinic_id, record_number, name, email, phone, time_zone, language, temperature_unit,
                                   weight_unit, is_synthetic, is_drill, created_at)
       SELECT gen_random_uuid(), clinic_id, id || 'x' || n, name, '', '', time_zone, language, temperature_unit, weight_unit,
              true, false, now()
       FROM clinic_patient, generate_series(%(first)s, %(last)s) n
       WHERE clinic_id = %(clinic)s AND user_id IS NOT NULL ORDER BY n, id""",
    """CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
       SELECT id AS copy, split_part(record_number, 'x', 1)::bigint AS life FROM clinic_patient
       WHERE clinic_id = %(clinic)s AND user_id IS NULL
             AND split_part(record_number, 'x', 2)::int BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO diary_treatmentcourse (public_id, patient_id, therapy_id, agent_id, route, schedule, cycle_days, dose_days,
                                          planned_cycles, starts_on, stopped_on, entered_by_id, entered_at)
       SELECT gen_random_uuid(), copy, therapy_id, agent_id, route, schedule, cycle_days, dose_days, planned_cycles, starts_on,
              stopped_on, entered_by_id, entered_at
       FROM diary_treatmentcourse JOIN copies ON life = patient_id""",
    """INSERT INTO diary_dose (course_id, given_at, amount, recorded_by_id, recorded_at, withdrawn_reason)
       SELECT theirs.id, given_at, amount, recorded_by_id, recorded_at, ''
       FROM diary_dose JOIN diary_treatmentcourse c ON c.id = course_id JOIN copies ON life = c.patient_id
       JOIN diary_treatmentcourse theirs ON theirs.patient_id = copy""",
    """INSERT INTO diary_context (patient_id, code, from_at, until_at, recorded_by_id, recorded_at, withdrawn_reason)
       SELECT copy, code, from_at, until_at, recorded_by_id, recorded_at, '' FROM diary_context JOIN copies ON life = patient_id""",
    """INSERT INTO diary_baseline (patient_id, kind, value, raw, measured_at, recorded_by_id, recorded_at, withdrawn_reason)
       SELECT copy, kind, value, raw, measured_at, recorded_by_id, recorded_at, ''
       FROM diary_baseline JOIN copies ON life = patient_id""",
    """INSERT INTO diary_entry (public_id, client_uuid, patient_id, about_at, day, is_late, current_number)
       SELECT gen_random_uuid(), client_uuid, copy, about_at, day, is_late, current_number
       FROM diary_entry JOIN copies ON life = patient_id ORDER BY about_at""",
    """INSERT INTO diary_revision (entry_id, number, document, nothing_new, recorded_at, received_at, recorded_by_id)
       SELECT theirs.id, r.number, r.document, r.nothing_new, r.recorded_at, r.received_at, r.recorded_by_id
       FROM copies JOIN diary_entry e ON e.patient_id = life JOIN diary_revision r ON r.entry_id = e.id
       JOIN diary_entry theirs ON theirs.patient_id = copy AND theirs.client_uuid = e.client_uuid ORDER BY r.received_at""",
)


class BigClinic:
    """One clinic that grows. Entries lie in the table in the order of time, as they would, not patient by patient."""

    def __init__(self, now: datetime) -> None:
        self.clinic: Clinic = cast.make_clinic('Replay Clinic')
        self.nurse: Membership = cast.make_member(self.clinic, 'Replaynurse Bench', on_call=True)
        self.admin: User = cast.make_member(self.clinic, 'Replayadmin Bench', is_admin=True).user
        self._copies = 0
        self._write(now)

    @property
    def entries(self) -> int:
        return self._count('SELECT count(*) FROM diary_entry e JOIN clinic_patient p ON p.id = e.patient_id')

    def grow(self, entries: int) -> None:
        """To as many entries or a few more."""
        each = self._count(
            'SELECT count(*) FROM diary_entry e JOIN clinic_patient p ON p.id = e.patient_id', 'user_id IS NOT NULL'
        )
        last = -(-entries // each) - 1
        if last > self._copies:
            given = {'clinic': self.clinic.pk, 'first': self._copies + 1, 'last': last}
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in _MORE:
                    cursor.execute(statement, given)
            self._copies = last
        with connection.cursor() as cursor:
            cursor.execute('VACUUM ANALYZE')

    def _write(self, now: datetime) -> None:
        zones = dict.fromkeys(range(LIVES), self.clinic.zone)
        with hints.silent(), transaction.atomic():
            for person, life in story.population(1, count=LIVES, days=DAYS, until=now, zone_of=zones):
                patient = cast.make_patient(self.clinic, f'Life{person.number} Lee')
                writer = Writer(
                    patient, nurse=self.nurse.user, diarist=cast.user_of(patient), catalogue=current_catalogue()
                )
                for event in life.events():
                    writer.write(event)

    def _count(self, select: str, more: str = 'true') -> int:
        with connection.cursor() as cursor:
            cursor.execute(f'{select} WHERE p.clinic_id = %s AND {more}', [self.clinic.pk])
            return int(cursor.fetchone()[0])
