"""What every page of Django's admin has in common: who may see which rows, and change what.

Permissions are code, not rows: they follow from the gate's Who.OFFICE. A clinic's admin sees the rows of her clinic alone, in
lists, in search, in choices and by address; whoever runs the server (superuser) sees all. Nothing clinical is ever deleted.
"""

import json
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.access import Actor, Who, admits


def actor_of(request: HttpRequest) -> Actor:
    """The gate let this person in, so there is one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def now_of(request: HttpRequest) -> datetime:
    """The clock, as the gate read it for this request."""
    now: datetime = request.now  # type: ignore[attr-defined]
    return now


def in_office(request: HttpRequest) -> bool:
    return admits(Who.OFFICE, getattr(request, 'actor', None))


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def pretty(value: Any) -> SafeString:
    """JSON as one reads it."""
    return format_html('<pre class="vigil-json" tabindex="0">{}</pre>', json.dumps(value, indent=2, ensure_ascii=False))


class Rights:
    """Who may do what with a kind of row; the words are 'add', 'change' and 'delete'. Looking is for the whole office."""

    admins_may: ClassVar[frozenset[str]] = frozenset()
    superusers_may: ClassVar[frozenset[str]] = frozenset()

    def may(self, request: HttpRequest, act: str) -> bool:
        granted = self.superusers_may | self.admins_may if is_superuser(request) else self.admins_may
        return in_office(request) and act in granted

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return in_office(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return in_office(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, 'add')

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, 'change')

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, 'delete')


class OfficeAdmin(Rights, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows, and what can be chosen in a form, limited to the clinic of the person. Read only until a subclass grants more.

    `clinic_path` is the lookup from a row to its clinic; empty for what all clinics share. `drill_path` is the lookup that says
    that a row belongs to the fire drill, which is in nobody's list but the server's.
    """

    clinic_path: ClassVar[str] = ''
    drill_path: ClassVar[str] = ''
    list_per_page = 50
    show_full_result_count = False  # counting a million entries again for every search would tell nobody anything

    def scope(self, request: HttpRequest) -> Q:
        """Which rows a clinic's admin sees."""
        mine = Q(**{self.clinic_path: actor_of(request).clinic}) if self.clinic_path else Q()
        return mine & Q(**{self.drill_path: False}) if self.drill_path else mine

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if is_superuser(request) else rows.filter(self.scope(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **self._limited(db_field, request, kwargs))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **self._limited(db_field, request, kwargs))

    def _limited(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """What the related table's own page would show; a table without a page offers nothing."""
        related: type[models.Model] = db_field.remote_field.model
        page = self.admin_site._registry.get(related)
        choices = page.get_queryset(request) if page else related._default_manager.none()
        return kwargs | {'queryset': choices}


class RecordAdmin(OfficeAdmin):
    """What is on record: read by the office, changed by nobody here, deleted by nobody at all."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        declared = list(super().get_readonly_fields(request, obj))
        hidden = {*declared, *(self.exclude or ())}
        return declared + [field.name for field in self.opts.fields if field.name not in hidden]


class OfficeInline(Rights, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = False


class RecordInline(OfficeInline):
    can_delete = False
