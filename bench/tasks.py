from celery import shared_task

from bench.models import Row


@shared_task
def commit_one_row(number: int) -> None:
    """The least that a task can do and be of use."""
    Row.objects.create(number=number)
