"""Photos on the pages of an entry and of an alert.

{% photos_of_entry entry as tiles %}          the entry's own
{% photos_beside entry as walls %}            the patient's of the 28 days up to it, by symptom
{% photos_beside entry later=True as walls %} and those since
"""

from django import template

from diary.models import Entry
from diary.queries_photos import Tile, Wall
from diary.queries_photos import photos_beside as find_beside
from diary.queries_photos import photos_of_entry as find_own

register = template.Library()


@register.simple_tag
def photos_of_entry(entry: Entry) -> list[Tile]:
    return find_own(entry)


@register.simple_tag
def photos_beside(entry: Entry, *, later: bool = False) -> list[Wall]:
    return find_beside(entry, later=later)
