"""What is typed in the life of a rule set: names, reasons, a reviewer's word."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.models import RuleSet
from alerts.services.rules.checking import LEAST_REASON

_TEXT = forms.Textarea(attrs={'rows': 3})


class Named(forms.Form):
    """A draft's name and why it is written."""

    title = forms.CharField(
        label=_('Name'),
        max_length=120,
        help_text=_('What this version is about, such as “Loose stools sooner”.'),
        error_messages={'required': _('Give it a name, so that your colleagues know what it is about.')},
    )
    why = forms.CharField(
        label=_('Why'),
        max_length=4000,
        widget=forms.Textarea(attrs={'rows': 3}),
        help_text=_('What you have seen, and what you want to change by it. It stays on record.'),
        error_messages={'required': _('Say why: whoever reviews it reads this first.')},
    )


class BeginForm(Named):
    """`start` is the set whose rules the draft begins with, empty for those in force; `rule` is the rule that it is begun for."""

    start = forms.IntegerField(required=False, widget=forms.HiddenInput)
    rule = forms.CharField(required=False, widget=forms.HiddenInput)


class SubmitForm(Named):
    """`unreplayed` is asked for only where nobody has seen what the draft would have done in the last 90 days."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    unreplayed = forms.CharField(
        label=_('Why it is handed in without a replay'),
        min_length=LEAST_REASON,
        max_length=2000,
        widget=_TEXT,
        help_text=_('Whoever reviews it reads this first. At least 20 characters.'),
        error_messages={
            'required': _('Replay it on the last 90 days first, or say why not.'),
            'min_length': _('Say it in at least %(limit_value)d characters, so that your reviewer can judge it.'),
        },
    )

    def __init__(self, *args: Any, was_replayed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if was_replayed:
            del self.fields['unreplayed']


class ReviewForm(forms.Form):
    """Nothing is ticked by default: a reviewer says of each change that she has read it."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_('Your word on it'), max_length=4000, required=False, widget=_TEXT)

    def __init__(self, *args: Any, changes: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = tuple(changes)

    def clean(self) -> dict[str, Any]:
        ticked = self.data.getlist('read')  # type: ignore[attr-defined]
        left = [rule for rule in self.changes if rule not in ticked]
        if left:
            message = _('Read these changes too, and tick them: %(rules)s.')
            raise forms.ValidationError(message, params={'rules': ', '.join(left)})
        return super().clean() or {}


class SendBackForm(forms.Form):
    note = forms.CharField(
        label=_('Your word on it'),
        max_length=4000,
        widget=_TEXT,
        error_messages={'required': _('Say what should be changed before you send it back.')},
    )


class DiscardForm(forms.Form):
    note = forms.CharField(label=_('Why'), max_length=4000, required=False, widget=forms.Textarea(attrs={'rows': 2}))


class ReasonForm(forms.Form):
    """Why an emergency rule is loosened or left out; `rule` only tells the forms of one page apart."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_('Reason'),
        min_length=LEAST_REASON,
        max_length=2000,
        widget=forms.Textarea(attrs={'rows': 3}),
        help_text=_('It is shown wherever the rule would have fired. At least 20 characters.'),
        error_messages={
            'required': _('Type why this emergency rule is set aside.'),
            'min_length': _('Say it in at least %(limit_value)d characters, so that a nurse at night understands it.'),
        },
    )

    def __init__(self, *args: Any, rule: str, **kwargs: Any) -> None:
        super().__init__(*args, **{'auto_id': f'id_{rule}_%s', **kwargs})
        self.rule = rule


class TakeInForm(forms.Form):
    """One choice for each rule that both sides changed; nothing is chosen by default."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, conflicts: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for piece in conflicts:
            self.fields[piece] = forms.ChoiceField(
                label=piece.partition('.')[2] or piece,
                choices=[('ours', _('Keep what this draft says')), ('theirs', _('Take what they say'))],
                widget=forms.RadioSelect,
                error_messages={'required': _('Choose one of the two.')},
            )

    def take(self) -> dict[str, bool]:
        """Whether theirs is wanted, for each conflict."""
        return {piece: side == 'theirs' for piece, side in self.cleaned_data.items() if piece != 'seen'}


def submit_form(rule_set: RuleSet, data: Any = None, *, was_replayed: bool) -> SubmitForm:
    initial = {'title': rule_set.title, 'why': rule_set.why, 'seen': rule_set.edits}
    return SubmitForm(data, initial=initial, prefix='in', was_replayed=was_replayed)
