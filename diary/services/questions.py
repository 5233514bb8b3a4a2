"""The list of questions for the next visit, kept as one page of lines."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from clinic.models import Patient, User
from diary.models import VisitQuestion


def keep_questions(
    *, patient: Patient, lines: Iterable[str], seen: Collection[int], by: User, now: datetime
) -> list[VisitQuestion]:
    """Make the list what `lines` say. `seen` are the keys of the questions that the writer had before her.

    A question that somebody else added meanwhile was not seen, and stays. One whose words are the same keeps its writer and time.
    """
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        kept = {question.text: question for question in VisitQuestion.objects.filter(patient=patient)}
        wanted = list(dict.fromkeys(lines))
        gone = [question.pk for text, question in kept.items() if question.pk in seen and text not in wanted]
        VisitQuestion.objects.filter(pk__in=gone).delete()
        new = [text for text in wanted if text not in kept]
        VisitQuestion.objects.bulk_create(
            VisitQuestion(patient=patient, text=text, written_by=by, written_at=now) for text in new
        )
    return list(VisitQuestion.objects.filter(patient=patient))
