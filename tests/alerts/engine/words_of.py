"""The default rules in English, for tests of the pure engine."""

from alerts.content import default_catalogue
from alerts.engine import PhraseBook
from alerts.words.books import all_phrases

BOOK = PhraseBook(all_phrases()['en'], default_catalogue())
