"""Settings, from the environment. docs/operations.md lists every variable."""

import secrets
from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from config.embedded import paths
from config.schedule import BEAT_SCHEDULE

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.bool('DEBUG', default=False)
# Without a key from outside a process makes its own: sessions end with it, and `check --deploy` complains.
SECRET_KEY = env.str('SECRET_KEY', default='') or 'django-insecure-' + secrets.token_urlsafe(50)
ALLOWED_HOSTS = env.list('ALLOWED_HOSTS', default=['localhost', '127.0.0.1', '[::1]'])
ENTRY_SAVED_URL = 'alerts:advice'  # where a stored entry leads: the advice page
WELCOME_URL = 'alerts:welcome'  # who sees what, and how fast: read and agreed to before a diary is kept
CSRF_TRUSTED_ORIGINS = env.list('CSRF_TRUSTED_ORIGINS', default=[])
METRICS_TOKEN = env.str('METRICS_TOKEN', default='')  # who bears it may read /metrics; without one nobody may
BASE_URL = env.str('BASE_URL', default='http://localhost:8000')
# Where the worklist hears of changes: a path of this site behind a proxy, a whole address elsewhere; empty: it only asks by itself.
STREAM_URL = env.str('STREAM_URL', default='')

# Demo mode lets anybody become a made-up person. config/checks.py refuses it outside DEBUG unless it was asked for twice.
DEMO_MODE = env.bool('DEMO_MODE', default=False)
DEMO_MODE_ASKED = env.bool('DEMO_MODE_ASKED', default=False)

INSTALLED_APPS = [
    'clinic.office.OfficeConfig',  # django.contrib.admin behind our own door
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.postgres',
    'whitenoise.runserver_nostatic',
    'django.contrib.staticfiles',
    'django.forms',
    'allauth',
    'allauth.account',
    'crispy_forms',
    'django_htmx',
    'csp',
    'phonenumber_field',
    'clinic',
    'diary',
    'alerts',
    'config',
]

MIDDLEWARE = [
    'django.middleware.security.SecurityMiddleware',
    'whitenoise.middleware.WhiteNoiseMiddleware',
    # Pages are mostly markup: a tenth of the bytes on a slow phone. Django pads them at random against BREACH.
    'django.middleware.gzip.GZipMiddleware',
    'csp.middleware.CSPMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.locale.LocaleMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
    'django.middleware.clickjacking.XFrameOptionsMiddleware',
    'allauth.account.middleware.AccountMiddleware',
    'django_htmx.middleware.HtmxMiddleware',
    'clinic.middleware.GateMiddleware',
]

ROOT_URLCONF = 'config.urls'
WSGI_APPLICATION = 'config.wsgi.application'
FORM_RENDERER = 'django.forms.renderers.TemplatesSetting'

TEMPLATES = [
    {
        'BACKEND': 'django.template.backends.django.DjangoTemplates',
        'DIRS': [BASE_DIR / 'templates'],
        'APP_DIRS': True,
        'OPTIONS': {
            'context_processors': [
                'django.template.context_processors.request',
                'django.contrib.auth.context_processors.auth',
                'django.contrib.messages.context_processors.messages',
                'csp.context_processors.nonce',
                'clinic.context.who',
            ],
            'builtins': ['clinic.templatetags.dates'],
        },
    }
]


# What a frozen or cut-off process holds is let go within about a minute (docs/operations.md). The server looks whether a
# client is still there, and the client whether the server is; both mean nothing on a socket.
SESSION = {
    'idle_in_transaction_session_timeout': 60_000,  # ms
    'lock_timeout': 75_000,  # longer than whoever holds a lock may sit idle: only what would hang anyway is given up
    'tcp_keepalives_idle': 30,  # s
    'tcp_keepalives_interval': 10,
    'tcp_keepalives_count': 3,
}
KEEPALIVES = {'keepalives': '1', 'keepalives_idle': '30', 'keepalives_interval': '10', 'keepalives_count': '3'}


def _database(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL URL, sockets (`?host=/dir`) included. What the URL says of a session outdoes SESSION."""
    parts = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    names = {'NAME': 'dbname', 'USER': 'user', 'PASSWORD': 'password', 'HOST': 'host', 'PORT': 'port'}
    known = {django: str(parts.pop(libpq, '')) for django, libpq in names.items()}
    ours = ' '.join(f'-c {name}={value}' for name, value in SESSION.items())
    options = f'{ours} {parts.pop("options", "")}'.strip()  # of two settings of one name the later counts
    return {
        'ENGINE': 'django.db.backends.postgresql',
        **known,
        'OPTIONS': {**KEEPALIVES, **parts, 'options': options},
        'CONN_MAX_AGE': 600,
        'CONN_HEALTH_CHECKS': True,
    }


DATABASES = {'default': _database(env.str('DATABASE_URL', default=paths.database_url()))}
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
# Rate limits need a cache that all processes share. It is in PostgreSQL, so that nothing a person does depends on Redis.
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.db.DatabaseCache', 'LOCATION': 'cache'}}

# -- who ---------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = 'clinic.User'
AUTHENTICATION_BACKENDS = [
    'django.contrib.auth.backends.ModelBackend',
    'allauth.account.auth_backends.AuthenticationBackend',
]
PASSWORD_HASHERS = [
    'django.contrib.auth.hashers.Argon2PasswordHasher',
    'django.contrib.auth.hashers.PBKDF2PasswordHasher',
]
AUTH_PASSWORD_VALIDATORS = [
    {'NAME': 'django.contrib.auth.password_validation.UserAttributeSimilarityValidator'},
    {'NAME': 'django.contrib.auth.password_validation.MinimumLengthValidator', 'OPTIONS': {'min_length': 10}},
    {'NAME': 'django.contrib.auth.password_validation.CommonPasswordValidator'},
    {'NAME': 'django.contrib.auth.password_validation.NumericPasswordValidator'},
]
SILENCED_SYSTEM_CHECKS = ['auth.W004']  # the address is unique, without regard to case: see the constraint on User
LOGIN_URL = 'account_login'
LOGIN_REDIRECT_URL = 'clinic:home'
ACCOUNT_ADAPTER = 'clinic.adapter.ClosedAdapter'
ACCOUNT_LOGIN_METHODS = {'email'}
ACCOUNT_SIGNUP_FIELDS = ['email*', 'password1*', 'password2*']
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = 'none'  # people come by an e-mailed invitation, which verifies the address
ACCOUNT_LOGOUT_REDIRECT_URL = 'account_login'
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ''
ACCOUNT_FORMS = {
    'login': 'clinic.forms.account.LoginForm',
    'reset_password': 'clinic.forms.account.ResetPasswordForm',
    'reset_password_from_key': 'clinic.forms.account.ResetPasswordKeyForm',
    'change_password': 'clinic.forms.account.ChangePasswordForm',
}
SESSION_COOKIE_AGE = 14 * 24 * 3600
INVITATION_DAYS = 14
# Views of libraries, which guard themselves, by module. Everything else states who may open it (clinic/access.py).
GATE_GUESTS = {'allauth.account.': 'anyone', 'django.views.i18n': 'anyone'}

# -- words -------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = 'en'
LANGUAGES = [('en', _('English')), ('es', _('Spanish'))]
LOCALE_PATHS = [BASE_DIR / 'locale']
USE_I18N = True
FORMAT_MODULE_PATH = ['config.formats']
USE_TZ = True
TIME_ZONE = 'UTC'
CRISPY_TEMPLATE_PACK = 'vigil'
CRISPY_ALLOWED_TEMPLATE_PACKS = ['vigil']
PHONENUMBER_DB_FORMAT = 'E164'
PHONENUMBER_DEFAULT_REGION = 'US'

# -- what is served ----------------------------------------------------------------------------------------------------
STATIC_URL = 'static/'
STATICFILES_DIRS = [BASE_DIR / 'static']
STATIC_ROOT = env.str('STATIC_ROOT', default=str(BASE_DIR / 'static-built'))
STORAGES = {
    'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'},
    'staticfiles': {
        'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'
        if DEBUG
        else 'config.static_files.NamedByContents'
    },
}
WHITENOISE_USE_FINDERS = DEBUG
CONTENT_SECURITY_POLICY = {
    'DIRECTIVES': {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'", *([STREAM_URL] if '://' in STREAM_URL else [])],
        'manifest-src': ["'self'"],
        'worker-src': ["'self'"],  # notices on a device: /push-worker.js
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
    }
}
X_FRAME_OPTIONS = 'DENY'
SECURE_REFERRER_POLICY = 'same-origin'
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
# Photos of the skin (docs/decisions/0047). A larger photo is refused and its entry kept; a larger request is the 413 page.
PHOTO_MOST_BYTES = env.int('PHOTO_MOST_MB', default=12) * 1024 * 1024
UPLOAD_MOST_BYTES = env.int('UPLOAD_MOST_MB', default=64) * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    'diary.uploads.PhotoHandler',
    'django.core.files.uploadhandler.MemoryFileUploadHandler',
    'django.core.files.uploadhandler.TemporaryFileUploadHandler',
]
SECURE_COOKIES = env.bool('SECURE_COOKIES', default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = env.bool('SECURE_SSL_REDIRECT', default=SECURE_COOKIES)
SECURE_HSTS_SECONDS = env.int('SECURE_HSTS_SECONDS', default=31536000 if SECURE_COOKIES else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r'^health/', r'^metrics$']  # asked for from inside, process by process
if env.bool('BEHIND_PROXY', default=False):
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # rate limits count the visitor's address, not the proxy's
    SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')

# -- messages ----------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url('EMAIL_URL', default='consolemail://')
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str('DEFAULT_FROM_EMAIL', default='Vigil <vigil@localhost>')
EMAIL_TIMEOUT = 8  # every channel gives up before alerts.channels.base.MOST_SECONDS
# A mail service in place of EMAIL_URL: anymail's name for it ("mailgun", "postmark", …) and its settings as JSON.
EMAIL_SERVICE = env.str('EMAIL_SERVICE', default='')
ANYMAIL = {'REQUESTS_TIMEOUT': (4, 8), **env.json('ANYMAIL', default={})}
if EMAIL_SERVICE:
    EMAIL_BACKEND = f'anymail.backends.{EMAIL_SERVICE}.EmailBackend'
# Text messages: an apprise URL with {number} where the digits go. Empty: none are sent.
SMS_URL = env.str('SMS_URL', default='')
# Services that a member may add for herself: only such whose host she cannot choose (docs/notifications.md).
OTHER_SERVICES = env.list(
    'OTHER_SERVICES',
    default=[
        'discord',
        'opsgenie',
        'pagerduty',
        'pbul',
        'pover',
        'prowl',
        'slack',
        'spike',
        'tgram',
        'threema',
        'wxteams',
    ],
)
# Web push: our key (`manage.py push_key` makes one; empty: none is sent), whom push services may write to, and which are allowed.
VAPID_PRIVATE_KEY = env.str('VAPID_PRIVATE_KEY', default='')
VAPID_CONTACT = env.str('VAPID_CONTACT', default='')
PUSH_SERVICES = env.list(
    'PUSH_SERVICES',
    default=[
        'https://fcm.googleapis.com',
        'https://*.push.services.mozilla.com',
        'https://*.notify.windows.com',
        'https://*.push.apple.com',
    ],
)

# -- watching ----------------------------------------------------------------------------------------------------------
# Asked for once a minute while the machinery works; an outside monitor calls somebody when it hears nothing (docs/watching.md).
DEADMAN_URL = env.str('DEADMAN_URL', default='')
SUPPORT_CONTACT = env.str('SUPPORT_CONTACT', default='')  # whom the staff tells when Vigil itself is not well
DRILL_ADDRESS = env.str('DRILL_ADDRESS', default='')  # the mailbox of the fire drill; empty: our own sender's
DRILL_SECONDS = env.int('DRILL_SECONDS', default=120)
DRILL_DAILY = env.bool('DRILL_DAILY', default=True)

# -- background work ---------------------------------------------------------------------------------------------------
REDIS_URL = env.str('REDIS_URL', default=paths.redis_url())
CELERY_BROKER_URL = paths.broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = 'default'
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Django drops the connection around every task unless this is set: three times the throughput (DEPENDENCIES.md).
CELERY_DB_REUSE_MAX = 1000
CELERY_BROKER_TRANSPORT_OPTIONS = {
    'visibility_timeout': 180,
    'unacked_restore_interval': 5,
    'socket_timeout': 5,
    'socket_connect_timeout': 2,
}
# Publishing is a hint: it gives up at once, the sweeps find what it missed.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
# In memory: every schedule is an interval, and beat must outlive a broker that is away (docs/decisions/0002).
CELERY_BEAT_SCHEDULER = 'celery.beat:Scheduler'
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'formatters': {
        'line': {
            'class': 'logging.Formatter' if DEBUG else 'config.logs.QuietFormatter',
            'format': '{asctime} {levelname} {name} {message}',
            'style': '{',
        }
    },
    'handlers': {
        'console': {'class': 'logging.StreamHandler', 'formatter': 'line'},
        'nowhere': {'class': 'logging.NullHandler'},
    },
    # It would name phone numbers and tokens. What went wrong stands on the notification.
    'loggers': {'apprise': {'handlers': ['nowhere'], 'propagate': False}},
    'root': {'handlers': ['console'], 'level': env.str('LOG_LEVEL', default='INFO')},
}
