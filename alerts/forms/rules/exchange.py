"""A file, chosen or pasted."""

from typing import Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext_lazy as _

# It is carried through the page once more, signed, and a page may send 256 KB. Ours have 20 to 60 KB.
MOST_BYTES = 150_000
LIMIT = _('%(size)s KB is too much: at most 150 KB are read. Rules and catalogues are far smaller.')


class FileForm(forms.Form):
    """Either of both; `text` is what was given, as text."""

    file = forms.FileField(
        label=_('A file'),
        required=False,
        help_text=_('YAML, up to 150 KB.'),
        widget=forms.ClearableFileInput(attrs={'class': 'input', 'accept': '.yaml,.yml'}),
        error_messages={'empty': _('The file is empty.')},
    )
    pasted = forms.CharField(
        label=_('Or its text, pasted'),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={'class': 'input mono', 'rows': 8, 'spellcheck': 'false', 'autocomplete': 'off'}),
    )

    def clean_file(self) -> str:
        given: File[bytes] | None = self.cleaned_data['file']
        return _read(given) if given else ''

    def clean_pasted(self) -> str:
        text: str = self.cleaned_data['pasted']
        size = len(text.encode('utf-8', 'surrogatepass'))
        if size > MOST_BYTES:
            raise forms.ValidationError(LIMIT, params={'size': f'{size // 1000:,}'})
        return text

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        texts = [given[name] for name in ('file', 'pasted') if given.get(name, '').strip()]
        if not self.errors and not texts:
            self.add_error('file', _('Choose a file, or paste its text.'))
        elif len(texts) > 1:
            self.add_error('pasted', _('A file and a text are two things. Give one of them.'))
        return given

    @property
    def text(self) -> str:
        """Once the form is valid. Lines end as they do everywhere else."""
        text: str = self.cleaned_data['file'] or self.cleaned_data['pasted']
        return text.replace('\r\n', '\n')


def _read(file: 'File[bytes]') -> str:
    # Asked before a byte is read: what is too large stays where the server put it.
    if (file.size or 0) > MOST_BYTES:
        raise forms.ValidationError(LIMIT, params={'size': f'{(file.size or 0) // 1000:,}'})
    try:
        text: str = file.read().decode('utf-8')
    except UnicodeDecodeError as error:
        wrong = _('This is no UTF-8 text (byte %(place)s). Save it as UTF-8 and choose it again.')
        raise forms.ValidationError(wrong, params={'place': error.start + 1}) from None
    return text
