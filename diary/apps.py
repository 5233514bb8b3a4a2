from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiaryConfig(AppConfig):
    """What the patient lives through: therapies, cycles, doses, symptoms, entries, charts."""

    name = 'diary'
    verbose_name = _('Diary')

    def ready(self) -> None:
        from diary import receivers  # noqa: F401  (listens to what the clinic announces)
