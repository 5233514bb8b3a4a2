"""What a browser calls itself, in words that a member knows her devices by."""

# The first that stands in the user agent; each browser also claims to be those below it.
_BROWSERS = (('Edg', 'Edge'), ('OPR', 'Opera'), ('Firefox', 'Firefox'), ('Chrome', 'Chrome'), ('Safari', 'Safari'))
_SYSTEMS = (
    ('iPhone', 'iPhone'),
    ('iPad', 'iPad'),
    ('Android', 'Android'),
    ('Windows', 'Windows'),
    ('Mac OS', 'Mac'),
    ('CrOS', 'Chromebook'),
    ('Linux', 'Linux'),
)


def device_name(user_agent: str) -> str:
    """ "Chrome · Android"; empty when neither is known."""
    parts = (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))
    return ' · '.join(part for part in parts if part)


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in names if mark in text), '')
