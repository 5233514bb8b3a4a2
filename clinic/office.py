"""Django's admin as an app, with the house's own site. Apart from apps.py, where Django would take it for ours."""

from django.contrib.admin.apps import AdminConfig


class OfficeConfig(AdminConfig):
    default_site = 'clinic.site.VigilAdminSite'
