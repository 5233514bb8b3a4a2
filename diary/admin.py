"""The catalogue and the diaries in Django's admin. Diaries are read there; the catalogue grows by versions."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clinic.office_admin import OfficeAdmin, RecordAdmin, RecordInline, actor_of, is_superuser, now_of, pretty
from clinic.shared import shared_words
from diary.forms_admin import SymptomForm, fieldsets_for, form_for
from diary.models import (
    Agent,
    Baseline,
    Context,
    Cycle,
    Dose,
    Entry,
    MeasurementKind,
    Revision,
    Symptom,
    SymptomVersion,
    Therapy,
    TreatmentCourse,
)
from diary.services.symptoms import publish_version, retire, revive
from diary.services.treatment import WITHDRAWN


class VersionInline(RecordInline):
    model = SymptomVersion
    verbose_name_plural = _('versions: what was asked, and since when')
    fields = readonly_fields = ('number', 'name', 'asked', 'levels', 'created_by', 'created_at')

    @admin.display(description=_('question and fields'))
    def asked(self, version: SymptomVersion) -> SafeString:
        return format_html('{}{}', version.words['en'].get('question', ''), pretty(version.answers))

    @admin.display(description=_('scale'))
    def levels(self, version: SymptomVersion) -> str:
        """Which answers can be compared: those of one scale."""
        moved = [f'{old} → {new}' for old, new in sorted((version.level_map or {}).items()) if int(old) != new]
        return f'{version.scale} ({", ".join(moved)})' if moved else str(version.scale)


@admin.register(Symptom)
class SymptomAdmin(OfficeAdmin):
    """Saving changed words makes a new version; entries keep the version that they answered (docs/decisions/0005)."""

    admins_may = frozenset({'change'})
    list_display = ('code', 'name', 'group', 'version', 'retired_at')
    list_filter = ('retired_at',)
    search_fields = ('code', 'versions__name')
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Symptom]:
        latest = SymptomVersion.objects.filter(symptom=OuterRef('pk')).order_by('-number')
        found: QuerySet[Symptom] = super().get_queryset(request)
        return found.annotate(
            **{f'latest_{key}': Subquery(latest.values(key)[:1]) for key in ('name', 'group', 'number')}
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {'form': self._form(request, obj)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return fieldsets_for(self._form(request, obj))

    def _form(self, request: HttpRequest, symptom: Symptom) -> type[SymptomForm]:
        return form_for(symptom.versions.latest('number'), by_superuser=is_superuser(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ('code',) if is_superuser(request) else ('code', 'position')

    @admin.display(description=_('name'), ordering='latest_name')
    def name(self, symptom: Symptom) -> str:
        return str(symptom.latest_name)  # type: ignore[attr-defined]

    @admin.display(description=_('group'), ordering='latest_group')
    def group(self, symptom: Symptom) -> str:
        return str(symptom.latest_group)  # type: ignore[attr-defined]

    @admin.display(description=_('version'))
    def version(self, symptom: Symptom) -> int:
        return int(symptom.latest_number)  # type: ignore[attr-defined]

    def change_view(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        """Whoever opens it is told whose words they are before she changes one."""
        clinic = actor_of(request).clinic
        if request.method == 'GET' and clinic is not None and (said := shared_words(clinic)):
            messages.warning(request, said)
        return super().change_view(request, *given, **named)

    def save_model(self, request: HttpRequest, obj: Symptom, form: SymptomForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        before, user, now = form.latest.number, actor_of(request).user, now_of(request)
        if is_superuser(request) and form.cleaned_data['retired'] and obj.retired_at is None:
            retire(symptom=obj, by=user, now=now)
        elif is_superuser(request) and not form.cleaned_data['retired']:
            revive(symptom=obj)
        version = publish_version(symptom=obj, **form.version_content, now=now, by=user)
        if version.number > before:
            text = _('Version %(number)d is in use from now on. Earlier entries keep the words that they answered.')
            messages.info(request, text % {'number': version.number})


class AgentInline(RecordInline):
    model = Agent
    superusers_may = frozenset({'add', 'change'})


@admin.register(Therapy)
class TherapyAdmin(OfficeAdmin):
    superusers_may = frozenset({'change'})
    list_display = ('name', 'code')
    search_fields = ('name', 'code', 'agents__name')
    readonly_fields = ('code', 'seen_in')
    inlines = (AgentInline,)


@admin.register(Agent)
class AgentAdmin(OfficeAdmin):
    superusers_may = frozenset({'add', 'change'})
    list_display = ('name', 'therapy')
    list_filter = ('therapy',)
    list_select_related = ('therapy',)
    search_fields = ('name',)


@admin.register(MeasurementKind)
class MeasurementKindAdmin(RecordAdmin):
    list_display = ('name', 'unit', 'also', 'low', 'high', 'has_baseline')


class CycleInline(RecordInline):
    model = Cycle
    fields = readonly_fields = ('number', 'starts_on', 'ends_on')


class DoseInline(RecordInline):
    model = Dose
    fields = readonly_fields = ('given_at', 'cycle', 'amount', 'recorded_by', 'recorded_at', *WITHDRAWN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dose]:
        return Dose.on_record.all()


@admin.register(TreatmentCourse)
class TreatmentCourseAdmin(RecordAdmin):
    clinic_path = 'patient__clinic'
    drill_path = 'patient__is_drill'
    list_display = ('patient', 'therapy', 'agent', 'schedule', 'starts_on', 'stopped_on')
    list_filter = ('therapy', 'schedule', 'route')
    list_select_related = ('patient', 'therapy', 'agent')
    search_fields = ('patient__record_number',)
    inlines = (CycleInline, DoseInline)


class WithdrawnToo(RecordAdmin):
    """The office also reads what was taken back."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.on_record.all()
        return rows if is_superuser(request) else rows.filter(self.scope(request))


@admin.register(Baseline)
class BaselineAdmin(WithdrawnToo):
    clinic_path = 'patient__clinic'
    drill_path = 'patient__is_drill'
    list_display = ('patient', 'kind', 'value', 'measured_at', 'recorded_by', 'withdrawn_at')
    list_filter = ('kind',)
    list_select_related = ('patient', 'recorded_by')
    search_fields = ('patient__record_number',)


@admin.register(Context)
class ContextAdmin(WithdrawnToo):
    clinic_path = 'patient__clinic'
    drill_path = 'patient__is_drill'
    list_display = ('patient', 'code', 'from_at', 'until_at', 'recorded_by', 'withdrawn_at')
    list_filter = ('code',)
    list_select_related = ('patient', 'recorded_by')
    search_fields = ('patient__record_number',)


class RevisionInline(RecordInline):
    model = Revision
    fields = readonly_fields = ('number', 'said', 'nothing_new', 'recorded_by', 'recorded_at', 'received_at')

    @admin.display(description=_('what was said'))
    def said(self, revision: Revision) -> SafeString:
        document: Mapping[str, Any] = revision.document
        return pretty(document)


@admin.register(Entry)
class EntryAdmin(RecordAdmin):
    clinic_path = 'patient__clinic'
    drill_path = 'patient__is_drill'
    list_display = ('patient', 'day', 'about_at', 'is_late', 'current_number')
    list_filter = ('is_late',)
    list_select_related = ('patient',)
    search_fields = ('patient__record_number',)
    ordering = ('-about_at',)
    inlines = (RevisionInline,)
