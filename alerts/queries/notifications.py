"""The ways by which a member is told, as she sees them. What is undelivered stands in services/promises.py."""

from django.db.models import QuerySet

from alerts.models import ContactWay
from clinic.models import User


def ways_of_member(user: User) -> QuerySet[ContactWay]:
    """Her own ways in her order, broken ones among them; her e-mail address comes after all of them."""
    return ContactWay.objects.filter(user=user, removed_at=None).order_by('position', 'pk')
