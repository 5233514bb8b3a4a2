"""People and clinics in Django's admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import IntegerField, Q, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.models import (
    AuditEvent,
    Caregiver,
    CareTeam,
    Clinic,
    Consent,
    HelpEvent,
    Invitation,
    Membership,
    OpeningHours,
    Patient,
    User,
)
from clinic.office_admin import OfficeAdmin, OfficeInline, RecordAdmin, RecordInline, actor_of, is_superuser, now_of
from clinic.queries import nurses_of
from clinic.services.members import LastAdmin, set_roles
from clinic.signals import time_zone_changed

admin.site.unregister(Group)  # who may do what follows from memberships (clinic/access.py), never from groups


class OpeningHoursInline(OfficeInline):
    model = OpeningHours
    admins_may = frozenset({'add', 'change', 'delete'})


@admin.register(Clinic)
class ClinicAdmin(OfficeAdmin):
    clinic_path = 'memberships__clinic'
    admins_may = frozenset({'change'})
    superusers_may = frozenset({'add'})
    list_display = ('name', 'time_zone', 'phone_day', 'phone_night', 'emergency_number')
    search_fields = ('name',)
    inlines = (OpeningHoursInline,)

    def scope(self, request: HttpRequest) -> Q:
        clinic = actor_of(request).clinic
        return Q(pk=clinic.pk if clinic else None)


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses to leave a clinic without an admin, before anything is stored."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None or (data.get('active') and data.get('is_admin')):
            return data
        others = Membership.objects.filter(clinic=self.instance.clinic, is_admin=True, active=True)
        if others.exists() and not others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_('This is the only admin of the clinic. Make somebody else an admin first.'))
        return data


@admin.register(Membership)
class MembershipAdmin(OfficeAdmin):
    """Members join by invitation (the clinic's overview page); here they change their role, or leave."""

    clinic_path = 'clinic'
    form = MembershipForm
    admins_may = frozenset({'change'})
    superusers_may = frozenset({'add'})
    list_display = ('user', 'clinic', 'is_nurse', 'is_admin', 'on_call', 'is_lead', 'active')
    list_filter = ('active', 'is_nurse', 'is_admin', 'on_call', 'is_lead', ('clinic', admin.RelatedOnlyFieldListFilter))
    list_select_related = ('user', 'clinic')
    search_fields = ('user__name', 'user__email')

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ('user', 'clinic') if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        roles = {name: getattr(obj, name) for name in ('is_nurse', 'is_admin', 'on_call', 'is_lead', 'active')}
        try:
            set_roles(membership=obj, **roles)
        except LastAdmin as refused:  # somebody else left in the meantime
            messages.error(request, str(refused))


@admin.register(CareTeam)
class CareTeamAdmin(OfficeAdmin):
    clinic_path = 'clinic'
    admins_may = frozenset({'add', 'change'})
    list_display = ('name', 'clinic')
    list_filter = (('clinic', admin.RelatedOnlyFieldListFilter),)
    list_select_related = ('clinic',)
    search_fields = ('name',)
    filter_horizontal = ('members',)


class CaregiverInline(RecordInline):
    model = Caregiver
    fields = ('user', 'relationship', 'can_write', 'starts_at', 'ends_at')


class PatientOfficeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A primary nurse is an active nurse of the patient's clinic, whoever asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if nurse := self.fields.get('primary_nurse'):
            nurse.queryset = nurses_of(self.instance.clinic)  # type: ignore[attr-defined]


@admin.register(Patient)
class PatientAdmin(OfficeAdmin):
    """Read mostly: nurses enrol and change patients on their own pages. Here a wrong nurse or zone can be put right."""

    clinic_path = 'clinic'
    drill_path = 'is_drill'
    form = PatientOfficeForm
    admins_may = frozenset({'change'})
    list_display = ('name', 'record_number', 'clinic', 'primary_nurse', 'care_team')
    list_filter = (
        ('clinic', admin.RelatedOnlyFieldListFilter),
        ('primary_nurse', admin.RelatedOnlyFieldListFilter),
        ('care_team', admin.RelatedOnlyFieldListFilter),
        'language',
    )
    list_select_related = ('clinic', 'primary_nurse__user', 'care_team')
    search_fields = ('name', 'record_number')
    readonly_fields = ('clinic', 'user', 'record_number', 'name', 'birth_date', 'email', 'public_id', 'created_at')
    inlines = (CaregiverInline,)

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if 'time_zone' in form.changed_data:
            time_zone_changed.send(sender=Patient, patient=obj, now=now_of(request))


@admin.register(Caregiver)
class CaregiverAdmin(RecordAdmin):
    clinic_path = 'patient__clinic'
    list_display = (
        'user',
        'patient',
        'relationship',
        'can_write',
        'can_see_advice',
        'can_see_photos',
        'starts_at',
        'ends_at',
    )
    list_filter = ('can_write',)
    list_select_related = ('user', 'patient')
    search_fields = ('user__name', 'user__email')


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    clinic_path = 'clinic'
    list_display = ('email', 'kind', 'clinic', 'created_at', 'expires_at', 'used_at', 'withdrawn_at')
    list_filter = ('kind', ('clinic', admin.RelatedOnlyFieldListFilter))
    list_select_related = ('clinic',)
    search_fields = ('email', 'name')
    exclude = ('token_hash',)
    date_hierarchy = 'created_at'


@admin.register(Consent)
class ConsentAdmin(RecordAdmin):
    """Who agreed to which words, when, and who took it back."""

    clinic_path = 'patient__clinic'
    list_display = ('at', 'patient', 'role', 'act', 'version', 'language', 'way', 'by')
    list_filter = ('act', 'role', 'version', 'way')
    list_select_related = ('patient', 'by')
    date_hierarchy = 'at'


@admin.register(HelpEvent)
class HelpEventAdmin(RecordAdmin):
    """The history of who may help with which diary."""

    clinic_path = 'patient__clinic'
    list_display = ('at', 'patient', 'act', 'name', 'email', 'by')
    list_filter = ('act',)
    list_select_related = ('patient', 'by')
    date_hierarchy = 'at'


@admin.register(AuditEvent)
class AuditEventAdmin(RecordAdmin):
    """Who was shown what of whom. `manage.py verify_audit` says whether the record is whole."""

    list_display = ('at', 'actor', 'act', 'page', 'whom')
    list_filter = ('act', 'page')
    list_select_related = ('actor',)
    search_fields = ('actor__name',)
    fields = ('at', 'actor', 'clinic', 'act', 'page', 'about', 'whom', 'seal')
    readonly_fields = ('whom',)
    date_hierarchy = 'at'

    def scope(self, request: HttpRequest) -> Q:
        clinic = actor_of(request).clinic
        patients = Patient.objects.filter(clinic=clinic).values_list('pk', flat=True)
        return Q(clinic=clinic) | Q(patients__overlap=list(patients))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """`readers_clinic`: an event of whoever runs the server may have touched the patients of several clinics."""
        clinic = actor_of(request).clinic
        of = None if is_superuser(request) or clinic is None else clinic.pk
        reader = Value(of, output_field=IntegerField())
        events: QuerySet[Any] = super().get_queryset(request).annotate(readers_clinic=reader)
        return events

    @admin.display(description=_('patients'))
    def whom(self, event: AuditEvent) -> str:
        """Only those whom the reader may see. Read as rows, so that this look is on record as well."""
        of: int | None = event.readers_clinic  # type: ignore[attr-defined]
        shown = Patient.objects.filter(Q(clinic=of) if of else Q(), pk__in=event.patients)
        return ', '.join(patient.name for patient in shown.order_by('name'))


@admin.register(User)
class UserAdmin(OfficeAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """People. A clinic's admin reads those who have a place in the clinic; only whoever runs the server changes them.

    (Somebody may have places in two clinics: one clinic's admin must not sign her out of the other.)
    """

    superusers_may = frozenset({'add', 'change'})
    add_form = AdminUserCreationForm
    list_display = ('name', 'email', 'is_active', 'last_login')
    list_filter = ('is_active',)
    search_fields = ('name', 'email')
    ordering = ('name',)
    filter_horizontal = ()
    fieldsets = (
        (None, {'fields': ('name', 'email', 'password', 'language')}),
        (_('Rights'), {'fields': ('is_active', 'is_superuser', 'is_staff')}),
        (_('Times'), {'fields': ('last_login', 'date_joined')}),
    )
    add_fieldsets = ((None, {'fields': ('name', 'email', 'usable_password', 'password1', 'password2')}),)
    readonly_fields = ('is_staff', 'last_login', 'date_joined')

    def scope(self, request: HttpRequest) -> Q:
        clinic = actor_of(request).clinic
        places = (
            User.objects.filter(memberships__clinic=clinic),
            User.objects.filter(patient__clinic=clinic),
            User.objects.filter(caring_for__patient__clinic=clinic),
        )
        return Q(pk__in=places[0].union(*places[1:]).values('pk'))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The password's fingerprint is for nobody who cannot change it."""
        if request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return ((None, {'fields': ('name', 'email', 'language', 'is_active', 'last_login', 'date_joined')}),)
