from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The roof: settings, Celery, urls, embedded servers and the commands that run them."""

    name = 'config'

    def ready(self) -> None:
        from config import checks  # noqa: F401  (registers the start-up checks)
