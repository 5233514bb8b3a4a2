"""How static files are named and kept: by their contents, so that a browser asks for each of them once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# What our modules import, at once and when it is needed. Under its plain name a phone would ask for it again after a minute,
# and one module under two names would be two modules.
AT_ONCE = (r"(?P<matched> from '(?P<url>\.\.?/[\w./-]+\.js)';)", " from '%(url)s';")
WHEN_NEEDED = (r"(?P<matched>import\('(?P<url>\.\.?/[\w./-]+\.js)'\))", "import('%(url)s')")
IMPORTS = ('*.js', (AT_ONCE, WHEN_NEEDED))


class NamedByContents(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Whitenoise's storage, imports between our modules included."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, IMPORTS)
