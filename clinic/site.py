"""Django's admin, with our own door: one sign-in for the whole house, and only those come in whom the gate lets in."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.access import Who, admits

Extra = dict[str, Any] | None


class VigilAdminSite(admin.AdminSite):
    """The plain tables of a clinic. Signing in and out, and passwords, are the house's own pages."""

    site_header = _('Vigil: rules and set-up')
    site_title = _('Vigil')
    index_title = _('What would you like to look after?')
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return admits(Who.OFFICE, getattr(request, 'actor', None))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)
        inner.who_may = Who.OFFICE
        return inner

    def login(self, request: HttpRequest, extra_context: Extra = None) -> HttpResponse:
        """Never signs anybody in: there would be a door without rate limits beside the guarded one."""
        return redirect(reverse('account_login', query={'next': reverse('admin:index')}))

    def logout(self, request: HttpRequest, extra_context: Extra = None) -> HttpResponse:  # type: ignore[override]
        return redirect('account_logout')

    def password_change(self, request: HttpRequest, extra_context: Extra = None) -> HttpResponse:  # type: ignore[override]
        return redirect('account_change_password')


VigilAdminSite.login.who_may = Who.ANYONE  # type: ignore[attr-defined]
