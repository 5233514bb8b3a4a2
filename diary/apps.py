from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiaryConfig(AppConfig):
    """What the patient lives through: therapies, cycles, doses, symptoms, entries, charts."""

    name = 'diary'
    verbose_name = _('Diary')

    def ready(self) -> None:
        from clinic import audit_words
        from diary import (
            checks,  # noqa: F401  (registers the start-up checks)
            receivers,  # noqa: F401  (listens to what the clinic announces)
        )

        audit_words.add(
            {
                'diary': _('your treatment'),
                **dict.fromkeys(('diary:export_csv', 'diary:export_fhir'), _('a download of the whole diary')),
                **dict.fromkeys(
                    ('diary:summary_file', 'diary:patient_summary_file'), _('a file of the summary for your visit')
                ),
                'diary:patient': _('the page about you'),
                'diary:patient_entry': _('an entry of your diary'),
                **dict.fromkeys(
                    ('diary:photo', 'diary:patient_photo', 'diary:photo_remove'), _('a photo in your diary')
                ),
                **dict.fromkeys(
                    (
                        'diary:today',
                        'diary:diary',
                        'diary:day',
                        'diary:charts',
                        'diary:patient_charts',
                        'diary:entry',
                        'diary:summary',
                        'diary:patient_summary',
                    ),
                    _('your diary'),
                ),
            }
        )
