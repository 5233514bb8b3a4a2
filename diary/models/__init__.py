from diary.models.condition import Baseline, BaselineKind, Context, ContextCode
from diary.models.course import Cycle, Dose, ScheduleKind, TreatmentCourse
from diary.models.entry import Entry, Revision
from diary.models.offline import OfflineKey
from diary.models.pause import DiaryPause, PauseReason
from diary.models.photo import MOST_PHOTOS, PHOTO_SYMPTOMS, EntryPhoto
from diary.models.question import VisitQuestion
from diary.models.reminder import Reminder
from diary.models.symptom import MeasurementKind, Symptom, SymptomVersion
from diary.models.therapy import Agent, Route, Therapy, treatment_name
from diary.models.visit import PlannedVisit
from diary.models.withdrawn import Withdrawable, WithdrawnReason

__all__ = [
    'MOST_PHOTOS',
    'PHOTO_SYMPTOMS',
    'Agent',
    'Baseline',
    'BaselineKind',
    'Context',
    'ContextCode',
    'Cycle',
    'DiaryPause',
    'Dose',
    'Entry',
    'EntryPhoto',
    'MeasurementKind',
    'OfflineKey',
    'PauseReason',
    'PlannedVisit',
    'Reminder',
    'Revision',
    'Route',
    'ScheduleKind',
    'Symptom',
    'SymptomVersion',
    'Therapy',
    'TreatmentCourse',
    'VisitQuestion',
    'Withdrawable',
    'WithdrawnReason',
    'treatment_name',
]
