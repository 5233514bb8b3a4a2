"""What people have said last: yes to a version of the words, or that they take it back."""

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from clinic.models import Clinic, Consent, ConsentAct, ConsentRole, Patient, User

TOOK_BACK = -1  # in place of a version
_SAID = Case(When(act=ConsentAct.WITHDRAWN, then=Value(TOOK_BACK)), default=F('version'), output_field=IntegerField())


def said_of_own() -> Subquery:
    """For a query of patients: what the patient herself said last; None before she said anything."""
    return _latest(Consent.objects.filter(patient=OuterRef('pk'), role=ConsentRole.PATIENT, by=OuterRef('user')))


def said_of_anyone() -> Subquery:
    """For a query of patients: what was said last of her own diary, by herself or on paper."""
    return _latest(Consent.objects.filter(patient=OuterRef('pk'), role=ConsentRole.PATIENT))


def said_by_helper() -> Subquery:
    """For a query of caregivers: what each said last about this diary."""
    return _latest(Consent.objects.filter(patient=OuterRef('patient'), role=ConsentRole.CAREGIVER, by=OuterRef('user')))


def _latest(said: QuerySet[Consent]) -> Subquery:
    return Subquery(said.order_by('-at', '-pk').annotate(said=_SAID).values('said')[:1])


def stopped() -> Exists:
    """For a query with a `patient`: whether she has taken her yes back, and not given it again."""
    ended = Patient.objects.annotate(said=said_of_anyone()).filter(said=TOOK_BACK)
    return Exists(ended.filter(pk=OuterRef('patient')))


def history_of(patient: Patient, *, by: User, role: ConsentRole) -> list[Consent]:
    """The newest first. What a nurse noted on paper is the patient's too."""
    said = patient.consents.filter(role=role).select_related('by')
    return list(said if role == ConsentRole.PATIENT else said.filter(by=by))


def latest_of(patient: Patient) -> Consent | None:
    """What counts of the patient's own now."""
    return patient.consents.filter(role=ConsentRole.PATIENT).select_related('by').first()


def stopped_in(clinic: Clinic) -> list[Consent]:
    """The patients of a clinic who stopped their diary, each by her latest word; who stopped last comes first."""
    rows = Consent.objects.filter(role=ConsentRole.PATIENT)
    later = rows.filter(
        Q(at__gt=OuterRef('at')) | Q(at=OuterRef('at'), pk__gt=OuterRef('pk')), patient=OuterRef('patient')
    )
    ended = rows.filter(patient__clinic=clinic, patient__is_drill=False, act=ConsentAct.WITHDRAWN).exclude(
        Exists(later)
    )
    return list(ended.select_related('patient__clinic', 'patient__primary_nurse__user', 'by'))
