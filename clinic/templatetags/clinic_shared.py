"""{% shared_catalogue clinic as shared %}: that a change of symptoms is one for other clinics too; empty where there is none."""

from django import template

from clinic.models import Clinic
from clinic.shared import shared_words

register = template.Library()


@register.simple_tag
def shared_catalogue(clinic: Clinic) -> str:
    return shared_words(clinic)
