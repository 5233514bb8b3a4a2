from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """What the clinic must do about the diary: rules, evaluation, alerts, notifications."""

    name = 'alerts'
    verbose_name = _('Alerts')

    def ready(self) -> None:
        from alerts import (
            checks,  # noqa: F401  (registers the start-up checks)
            receivers,  # noqa: F401  (listens to what the diary announces)
        )
