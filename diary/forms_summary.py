"""What is typed on the visit summary: since when, and the questions to ask."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diary.answers import clean_text
from diary.forms_treatment import DateInput, StaffForm
from diary.models.question import LONGEST_QUESTION, MOST_QUESTIONS
from diary.summary import MOST_DAYS


class SinceForm(StaffForm):
    """The first day of the summary."""

    since = forms.DateField(label=gettext_lazy('Since'), widget=DateInput())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.disable_csrf = True  # asked by GET: a token has no business in an address
        self.today = today

    def clean_since(self) -> date:
        since: date = self.cleaned_data['since']
        if since > self.today:
            raise ValidationError(_('This day is still to come. Choose today or an earlier day.'))
        if (self.today - since).days > MOST_DAYS:
            raise ValidationError(_('Choose a day of the last 12 months.'))
        return since


class QuestionsForm(StaffForm):
    """One question a line."""

    questions = forms.CharField(
        label=gettext_lazy('My questions'),
        help_text=gettext_lazy('Write each question on a line of its own. Take a line out to remove it.'),
        widget=forms.Textarea(attrs={'rows': 8}),
        required=False,
        max_length=MOST_QUESTIONS * (LONGEST_QUESTION + 2),
    )

    def clean_questions(self) -> list[str]:
        lines = (' '.join(line.split()) for line in clean_text(self.cleaned_data['questions']).splitlines())
        found = [line for line in lines if line]
        if len(found) > MOST_QUESTIONS:
            many = ngettext('Please keep to %(n)d question.', 'Please keep to %(n)d questions.', MOST_QUESTIONS)
            raise ValidationError(many % {'n': MOST_QUESTIONS})
        if any(len(line) > LONGEST_QUESTION for line in found):
            long = _('Please ask each question in %(most)d letters or fewer.')
            raise ValidationError(long % {'most': LONGEST_QUESTION})
        return found
