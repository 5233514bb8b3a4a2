"""Rules, sources and what came of them, in Django's admin: all of it is on record, so almost all of it is read only."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from alerts.engine import Catalogue, RuleError, describe_rule
from alerts.models import (
    Alert,
    AlertEvent,
    Citation,
    Document,
    EscalationPolicy,
    EscalationStep,
    Evaluation,
    Flag,
    Notification,
    RuleSet,
    RuleSetEvent,
)
from alerts.services.rules.checking import as_they_were
from alerts.words.books import book_for
from alerts.words.problems import in_words
from alerts.words.titles import title_words
from clinic.office_admin import RecordAdmin, RecordInline, actor_of, pretty
from diary.catalogue import engine_mapping


class RuleSetEventInline(RecordInline):
    model = RuleSetEvent
    fields = readonly_fields = ('at', 'kind', 'actor', 'rule', 'note')


@admin.register(RuleSet)
class RuleSetAdmin(RecordAdmin):
    """To read; drafts are written, reviewed and published on the pages of the rules, which show what a change does.

    The shared default is everybody's to read.
    """

    list_display = ('title', 'version', 'status', 'clinic', 'published_at', 'retired_at')
    list_filter = ('status',)
    list_select_related = ('clinic',)
    search_fields = ('title',)
    exclude = ('content',)
    readonly_fields = ('rules_in_words', 'rules_as_stored')
    inlines = (RuleSetEventInline,)

    def scope(self, request: HttpRequest) -> Q:
        return Q(clinic=None) | Q(clinic=actor_of(request).clinic)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleSet]:
        found: QuerySet[RuleSet] = super().get_queryset(request)
        return found.defer('content')

    @admin.display(description=_('in words'))
    def rules_in_words(self, rule_set: RuleSet) -> SafeString:
        catalogue = Catalogue.parse(engine_mapping())
        try:
            rules = as_they_were(rule_set.content, catalogue)
        except RuleError as wrong:
            return format_html('<strong>{}</strong>', in_words(wrong))
        book = book_for(catalogue)
        rows = ((rule.id, title_words(rule.id, rule.title), describe_rule(rule, book)) for rule in rules.rules.values())
        return format_html(
            '<ul class="vigil-rules">{}</ul>', format_html_join('', '<li><b>{} · {}</b><br>{}</li>', rows)
        )

    @admin.display(description=_('as stored'))
    def rules_as_stored(self, rule_set: RuleSet) -> SafeString:
        return pretty(rule_set.content)


class CitationInline(RecordInline):
    model = Citation
    fields = readonly_fields = ('code', 'text')


@admin.register(Document)
class DocumentAdmin(RecordAdmin):
    list_display = ('title', 'kind', 'publisher', 'verified')
    list_filter = ('kind',)
    search_fields = ('title', 'publisher', 'code')
    inlines = (CitationInline,)


@admin.register(Citation)
class CitationAdmin(RecordAdmin):
    list_display = ('code', 'document', 'text')
    list_filter = ('document__kind',)
    list_select_related = ('document',)
    search_fields = ('code', 'text')


class FlagInline(RecordInline):
    model = Flag
    fields = readonly_fields = ('rule', 'title', 'tier', 'raised_at', 'withdrawn_at', 'withdrawn_reason')


@admin.register(Evaluation)
class EvaluationAdmin(RecordAdmin):
    clinic_path = 'patient__clinic'
    drill_path = 'patient__is_drill'
    list_display = ('patient', 'tier', 'rule_set', 'pending_since', 'evaluated_at', 'runs', 'attempts', 'error')
    list_filter = ('tier', ('pending_since', admin.EmptyFieldListFilter), ('failed_at', admin.EmptyFieldListFilter))
    list_select_related = ('patient', 'rule_set')
    search_fields = ('patient__record_number',)
    inlines = (FlagInline,)


@admin.register(Flag)
class FlagAdmin(RecordAdmin):
    clinic_path = 'patient__clinic'
    drill_path = 'patient__is_drill'
    list_display = ('rule', 'title', 'tier', 'patient', 'raised_at', 'withdrawn_at')
    list_filter = ('tier', ('withdrawn_at', admin.EmptyFieldListFilter))
    list_select_related = ('patient',)
    search_fields = ('rule', 'title', 'patient__record_number')
    exclude = ('evidence',)
    readonly_fields = ('why',)

    @admin.display(description=_('why'))
    def why(self, flag: Flag) -> SafeString:
        return pretty(flag.evidence)


class EventInline(RecordInline):
    model = AlertEvent
    fields = readonly_fields = ('at', 'kind', 'actor', 'state', 'tier', 'note')


@admin.register(Alert)
class AlertAdmin(RecordAdmin):
    clinic_path = 'clinic'
    drill_path = 'is_drill'
    list_display = ('patient', 'tier', 'state', 'opened_at', 'owner', 'resolved_at', 'outcome')
    list_filter = ('state', 'tier', 'outcome')
    list_select_related = ('patient', 'owner')
    search_fields = ('patient__record_number',)
    date_hierarchy = 'opened_at'
    inlines = (EventInline, FlagInline)


@admin.register(AlertEvent)
class AlertEventAdmin(RecordAdmin):
    clinic_path = 'alert__clinic'
    drill_path = 'alert__is_drill'
    list_display = ('at', 'kind', 'alert', 'actor', 'state', 'tier')
    list_filter = ('kind',)
    list_select_related = ('alert', 'actor')


@admin.register(Notification)
class NotificationAdmin(RecordAdmin):
    clinic_path = 'event__alert__clinic'
    drill_path = 'event__alert__is_drill'
    list_display = ('recipient', 'channel', 'status', 'next_try_at', 'attempts', 'sent_at', 'error')
    list_filter = ('status', 'channel')
    list_select_related = ('recipient',)
    search_fields = ('recipient__email',)


class StepInline(RecordInline):
    model = EscalationStep
    fields = readonly_fields = ('position', 'wait', 'who', 'when', 'phone')


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(RecordAdmin):
    """To read; it is changed on the page of the ladders, which shows what would happen."""

    clinic_path = 'clinic'
    list_display = ('clinic', 'tier', 'rounds', 'forgotten_after', 'unfinished_after', 'changed_at', 'changed_by')
    list_select_related = ('clinic', 'changed_by')
    inlines = (StepInline,)
