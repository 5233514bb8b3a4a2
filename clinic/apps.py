from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Who: users, clinics, care teams, patients, caregivers, invitations, sign-in, the access gate."""

    name = 'clinic'
    verbose_name = _('People and clinics')

    def ready(self) -> None:
        from clinic import checks, witness  # noqa: F401  (registers the start-up checks)

        witness.listen()
