"""What a log line may tell of an error: where and of what kind, never what somebody wrote."""

import logging

import pytest
from django.db import DataError, connection

from alerts import tasks
from alerts.models import Evaluation
from alerts.services import evaluation
from clinic.models import Patient
from config.logs import QuietFormatter
from tests.alerts.conftest import FEVER, told_us


def line_of(error: BaseException) -> str:
    info = (type(error), error, error.__traceback__)
    record = logging.LogRecord('vigil', logging.ERROR, __file__, 1, 'Something went wrong', None, info)
    return QuietFormatter('%(message)s').format(record)


@pytest.mark.django_db
def test_a_row_that_the_database_refused_is_not_quoted() -> None:
    with pytest.raises(DataError) as refused, connection.cursor() as cursor:
        cursor.execute("SELECT 'coughs blood'::integer")
    line = line_of(refused.value)
    assert 'coughs blood' in str(refused.value)
    assert 'coughs blood' not in line
    assert 'django.db.utils.DataError' in line
    assert 'psycopg.errors.InvalidTextRepresentation' in line
    assert f'{__file__}:' in line


def test_every_line_of_the_house_is_written_so() -> None:
    formatters = [each.formatter for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    assert [type(each) for each in formatters] == [QuietFormatter]


@pytest.mark.usefixtures('content', 'now')
def test_a_task_that_fails_says_only_of_what_kind(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery writes the error of a task into its own message, where no formatter can reach it."""
    told_us(ana, FEVER, check=False)

    def fault(*args: object, **kwargs: object) -> None:
        raise ValueError('38.6 does not fit')

    monkeypatch.setattr(evaluation, 'history_of', fault)
    with pytest.raises(tasks.EvaluationFailed) as failed:
        tasks.evaluate(Evaluation.objects.get().pk)
    assert str(failed.value) == 'ValueError'
    assert failed.value.__suppress_context__
    assert '38.6' not in line_of(failed.value)
