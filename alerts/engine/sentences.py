"""Sentences with blanks: told in English here, and in other languages by those who know some."""


class Sentence:
    """A template with named blanks, and what stands in them: names and numbers as they were written, or a Sentence.

    Its `str` is English. The template is one literal where the sentence is made, never put together, because that is how
    translators find it (config/tools/messages.py). `{n:,}` is a count: its digits stand in groups, as they do where it is read.
    """

    __slots__ = ('template', 'values')

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)


class AlreadyTold(Sentence):
    """What is in its reader's words already."""

    __slots__ = ()

    def __init__(self, text: str) -> None:
        super().__init__('{text}', text=text)
