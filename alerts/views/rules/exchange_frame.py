"""What both imports have in common: choose a file, see what it changes, keep just what was seen."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from alerts.engine import RuleError
from alerts.forms.rules.exchange import FileForm
from alerts.words.problems import problem_words
from clinic.access import ActorRequest


@dataclass(frozen=True)
class Frame:
    """`template` asks for the file, `address` is the name of its page."""

    template: str
    address: str

    def answer(
        self, request: ActorRequest, *, show: Callable[[str], HttpResponse], keep: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """`show` makes the preview of a text, `keep` takes what was shown and signed."""
        if request.method != 'POST':
            return render(request, self.template, {'form': FileForm(), 'wrong': None})
        if 'sealed' in request.POST:
            return keep()
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return render(request, self.template, {'form': form, 'wrong': None}, status=422)
        return show(form.text)

    def refused(self, request: ActorRequest, text: str, wrong: RuleError) -> HttpResponse:
        """The text comes back with what is wrong, so that it can be put right on the spot."""
        page = {'form': FileForm(initial={'pasted': text}), 'wrong': problem_words(wrong)}
        return render(request, self.template, page, status=422)

    def out_of_date(self, request: ActorRequest) -> HttpResponse:
        messages.error(request, _('What you saw is out of date. Nothing was kept. Choose the file again.'))
        return redirect(self.address)


def as_file(text: str, name: str) -> HttpResponse:
    headers = {'Content-Disposition': f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type='application/yaml; charset=utf-8', headers=headers)
