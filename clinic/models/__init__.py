from clinic.models.audit import AuditAct, AuditEvent, AuditSeal
from clinic.models.clinic import Clinic, OpeningHours, Weekday
from clinic.models.consent import Consent, ConsentAct, ConsentRole, ConsentWay
from clinic.models.fields import TemperatureUnit, WeightUnit
from clinic.models.helping import HelpAct, HelpEvent
from clinic.models.invitation import Invitation, InvitationKind
from clinic.models.membership import CareTeam, Membership
from clinic.models.patient import Caregiver, Patient
from clinic.models.user import User

__all__ = [
    'AuditAct',
    'AuditEvent',
    'AuditSeal',
    'CareTeam',
    'Caregiver',
    'Clinic',
    'Consent',
    'ConsentAct',
    'ConsentRole',
    'ConsentWay',
    'HelpAct',
    'HelpEvent',
    'Invitation',
    'InvitationKind',
    'Membership',
    'OpeningHours',
    'Patient',
    'TemperatureUnit',
    'User',
    'Weekday',
    'WeightUnit',
]
