"""Writes made-up events by the same services as real ones, at the time at which they happen."""

from functools import singledispatchmethod
from uuid import UUID

from clinic.models import Patient, User
from diary.catalogue import CatalogueView
from diary.demo.events import (
    ContextHeld,
    Corrected,
    CourseEntered,
    CourseStopped,
    DoseGiven,
    Event,
    UsualMeasured,
    Written,
)
from diary.documents import make_document
from diary.models import Agent, Revision, Therapy, TreatmentCourse
from diary.services.conditions import record_baseline, start_context
from diary.services.entries import correct_entry, record_entry
from diary.services.treatment import enter_course, record_dose, stop_course


class Writer:
    """Writes for one patient: `nurse` types the treatment, `diarist` the diary."""

    def __init__(self, patient: Patient, *, nurse: User, diarist: User, catalogue: CatalogueView) -> None:
        self.patient, self.nurse, self.diarist, self.catalogue = patient, nurse, diarist, catalogue
        self.course: TreatmentCourse | None = None
        self.entries: dict[UUID, Revision] = {}

    @singledispatchmethod
    def write(self, event: Event) -> Revision | None:
        """Store one event; the revision when it is a diary entry. Raises TypeError for an event that is not known."""
        raise TypeError(f'{type(event).__name__} is no event of a life')

    @write.register
    def _(self, event: CourseEntered) -> None:
        plan = event.regimen
        therapy = Therapy.objects.get(code=plan.therapy)
        self.course = enter_course(
            patient=self.patient,
            by=self.nurse,
            therapy=therapy,
            agent=Agent.objects.get(therapy=therapy, name=plan.agent) if plan.agent else None,
            route=plan.route,
            schedule=plan.schedule,
            cycle_days=plan.cycle_days,
            dose_days=plan.dose_days,
            cycles=plan.cycles,
            starts_on=event.starts_on,
            now=event.at,
        )

    @write.register
    def _(self, event: DoseGiven) -> None:
        record_dose(
            course=self._course(),
            given_at=event.given_at,
            by=self.nurse,
            now=event.at,
            amount=event.amount,
            moves_cycles=event.moves_cycles,
        )

    @write.register
    def _(self, event: CourseStopped) -> None:
        stop_course(course=self._course(), on=event.on, now=event.at)

    @write.register
    def _(self, event: UsualMeasured) -> None:
        record_baseline(
            patient=self.patient,
            kind=event.kind,
            number=event.number,
            unit=event.unit,
            measured_at=event.at,
            by=self.nurse,
            now=event.at,
        )

    @write.register
    def _(self, event: ContextHeld) -> None:
        start_context(
            patient=self.patient,
            code=event.code,
            from_at=event.from_at,
            until_at=event.until_at,
            by=self.nurse,
            now=event.at,
        )

    @write.register
    def _(self, event: Written) -> Revision:
        recorded = record_entry(
            patient=self.patient,
            by=self.diarist,
            client_uuid=event.client_uuid,
            about_at=event.about_at,
            recorded_at=event.at,
            now=event.at,
            document=make_document(event.answers, self.catalogue, measurements=event.measurements),
            nothing_new=not event.answers and not event.measurements,
        )
        self.entries[event.client_uuid] = recorded.revision
        return recorded.revision

    @write.register
    def _(self, event: Corrected) -> Revision:
        entry = self.entries[event.client_uuid].entry
        corrected = correct_entry(
            entry=entry,
            by=self.diarist,
            expected_number=entry.current_number,
            document=make_document(event.answers, self.catalogue, measurements=event.measurements),
            recorded_at=event.at,
            now=event.at,
        )
        return corrected.revision

    def _course(self) -> TreatmentCourse:
        if self.course is None:
            raise LookupError('the course was not entered yet')
        return self.course
