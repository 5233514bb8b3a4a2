"""Entries that could not be checked: no rule has read them, so a person must. A flag says so, and climbs like any urgent one."""

from django.utils.translation import gettext_noop

from alerts.models import Flag

RULE = 'UNREAD'  # in no rule set
TITLE = gettext_noop('An entry could not be checked: read it yourself')
WITHIN_MINUTES = 60


class UnreadDeadlines:
    """Stands in for a rule set, which may be the very thing that could not be used."""

    def acknowledge_within(self, rule_id: str) -> int | None:
        """As soon as any urgent flag of the default rules. Raises KeyError for a rule's own flag."""
        return {RULE: WITHIN_MINUTES}[rule_id]


def is_unread(flag: Flag) -> bool:
    return flag.rule == RULE
