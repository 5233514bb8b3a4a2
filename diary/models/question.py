"""What somebody wants to ask at the next visit."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient

LONGEST_QUESTION, MOST_QUESTIONS = 300, 20


class VisitQuestion(models.Model):
    """One question on the list for the next visit. The list is a note, not a message: nobody is told of it."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name='visit_questions')
    text = models.CharField(_('question'), max_length=LONGEST_QUESTION)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    written_at = models.DateTimeField(_('written'))

    class Meta:
        verbose_name = _('question for the visit')
        verbose_name_plural = _('questions for the visit')
        ordering = ['written_at', 'pk']

    def __str__(self) -> str:
        return self.text
