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
        from clinic import audit_words

        audit_words.add(
            {
                'alerts': _('what the clinic does about your diary'),
                'alerts:alert': _('an alert about you'),
                'alerts:advice': _('the advice after an entry'),
                'alerts:receipt': _('the advice after an entry'),
                **dict.fromkeys(('alerts:worklist', 'alerts:worklist_rows'), _('the worklist')),
                'alerts:handover': _('the hand-over between shifts'),
                'alerts:silent': _('who has not written'),
                'alerts:hidden': _('what is snoozed'),
            }
        )
