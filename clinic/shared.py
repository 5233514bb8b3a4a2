"""What all clinics of a server share, said to who is about to change it."""

from django.utils.translation import gettext as _

from clinic.models import Clinic


def shared_words(clinic: Clinic) -> str:
    """That a changed symptom changes for other clinics as well, by name; empty where there is no other. One query."""
    others = list(Clinic.objects.exclude(pk=clinic.pk).order_by('name').values_list('name', flat=True))
    if not others:
        return ''
    said = _(
        'All clinics of this server share these symptoms. What you change here changes for %(clinics)s too, at once.'
    )
    return said % {'clinics': ', '.join(others)}
