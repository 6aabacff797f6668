"""One file of settings; everything that differs between deployments comes from the environment (config/env.py)."""

from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import engine, env, logs

BASE_DIR = env.BASE_DIR
env.load_dotenv(BASE_DIR / ".env")

VAR_DIR = env.directory("VAR_DIR", "var")

# --- who and where we are -------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
DEMO = env.flag("DEMO")
PORT = int(env.number("PORT", 8000, 1, 65535))
PUBLIC_URL = env.origin("PUBLIC_URL", f"http://localhost:{PORT}")
CONSOLE_URL = env.origin("CONSOLE_URL", PUBLIC_URL)
WIDGET_URL = env.origin("WIDGET_URL", PUBLIC_URL)
_sockets = env.origin("WS_URL", PUBLIC_URL, ("ws", "wss", "http", "https"))
WS_URL = "ws" + _sockets.removeprefix("http").removeprefix("ws")
FILES_URL = env.origin("FILES_URL", PUBLIC_URL)
SECURE = PUBLIC_URL.startswith("https://")
_own_hosts = sorted(
    {urlsplit(origin).hostname or "" for origin in (PUBLIC_URL, CONSOLE_URL, WIDGET_URL, FILES_URL)}
)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or [*_own_hosts, "localhost", "127.0.0.1", "[::1]"]
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
LIMITS_SCALE = env.number("LIMITS_SCALE", 1, 0.001, 1_000_000)
METRICS_TOKEN = env.text("METRICS_TOKEN")
SENTRY_DSN = env.shaped(
    "SENTRY_DSN",
    r"https?://\w+(:\w+)?@[\w.:-]+/\S*\d",
    "what Sentry shows, such as https://key@sentry.example.com/1",
)

# --- secrets --------------------------------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY") or ("debug-only-" * 6 if DEBUG else "")
FIELD_ENCRYPTION_KEY = env.words("FIELD_ENCRYPTION_KEY") or (
    ["ZGVidWctb25seS1kZWJ1Zy1vbmx5LWRlYnVnLW9ubHk="] if DEBUG else []
)
SLACK_CLIENT_ID = env.text("SLACK_CLIENT_ID")
SLACK_CLIENT_SECRET = env.text("SLACK_CLIENT_SECRET")
SLACK_SIGNING_SECRETS = env.words("SLACK_SIGNING_SECRET")
SLACK_APP_ID = env.text("SLACK_APP_ID")
SLACK_APP_TOKEN = env.shaped("SLACK_APP_TOKEN", r"xapp-[\w-]+", "an app-level token, which begins with xapp-")
SLACK_API_URL = env.url("SLACK_API_URL", "https://slack.com/api/").rstrip("/") + "/"
SLACK_WEB_URL = env.origin("SLACK_WEB_URL", "https://slack.com")
SLACK_TOKEN_ROTATION = env.flag("SLACK_TOKEN_ROTATION")
SLACK_ECHO_WAIT = env.number("SLACK_ECHO_WAIT", 10, 0.1, 120)
SLACK_KEEP_DAYS = int(env.number("SLACK_KEEP_DAYS", 30, 1, 30))
SLACK_CALL_TIMEOUT = env.number("SLACK_CALL_TIMEOUT", 10, 0.5, 20)
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRETS = env.words("STRIPE_WEBHOOK_SECRET")
STRIPE_API_URL = env.origin("STRIPE_API_URL", "https://api.stripe.com")
# where Stripe's own pages are; forms of the billing page end there
STRIPE_PAGES = (
    ["https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com"]
    if STRIPE_API_URL == "https://api.stripe.com"
    else [STRIPE_API_URL]
)
STRIPE_LIVEMODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))

for name, value, needed in (
    ("SECRET_KEY", SECRET_KEY, True),
    ("FIELD_ENCRYPTION_KEY", FIELD_ENCRYPTION_KEY, True),
    ("SLACK_SIGNING_SECRET", SLACK_SIGNING_SECRETS, bool(SLACK_CLIENT_ID)),
    ("SLACK_CLIENT_SECRET", SLACK_CLIENT_SECRET, bool(SLACK_CLIENT_ID)),
    ("STRIPE_WEBHOOK_SECRET", STRIPE_WEBHOOK_SECRETS, bool(STRIPE_SECRET_KEY)),
):
    if needed and not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment, or run bin/run, which makes the first two."
        )

# --- the house ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "billing.apps.BillingConfig",
    "slackapp.apps.SlackappConfig",
    "livechat.apps.LivechatConfig",
    "accounts.apps.AccountsConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "huey.contrib.djhuey",
    "channels",
    "csp",
    "accounts.operator_app.OperatorConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.static.StaticFiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.permissions_policy",
    "config.hosts.console_at_home",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.note_asker",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.views.seeing.see_as_somebody",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.asgi.pages"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "livechat.context_processors.console",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# files are never wholly in memory
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# --- data, engine, doorbell -----------------------------------------------------------------------------------------
DATABASES = {"default": env.database(VAR_DIR)}
DATABASES["default"]["TEST"] = (
    {"NAME": str(VAR_DIR / "test.sqlite3")} if "sqlite" in str(DATABASES["default"]["ENGINE"]) else {}
)
REDIS_URL = env.url("REDIS_URL", "redis://none", ("redis", "rediss", "unix")) if env.text("REDIS_URL") else ""
EMBEDDED = not REDIS_URL
HUEY = engine.build(REDIS_URL)
CHANNEL_LAYERS: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "livechat.doorbell.MemoryLayer", "CONFIG": {"capacity": 1000}}
    if EMBEDDED
    else {"BACKEND": "livechat.doorbell.RedisLayer", "CONFIG": {"hosts": [REDIS_URL], "prefix": "threadbell"}}
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if EMBEDDED
    else {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.NotTooLong"},
    {"NAME": "accounts.passwords.NotCommon"},
]
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "add_email": "accounts.forms.AddEmailForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none" if DEMO else "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
# counted in the cache, so across processes once there is Redis; "key" is the account that is tried
ACCOUNT_RATE_LIMITS = {
    act: ",".join(f"{max(1, round(amount * LIMITS_SCALE))}/{per}" for amount, per in rates)
    for act, rates in {
        "login": [(30, "m/ip")],
        "login_failed": [(10, "m/ip"), (5, "300s/key")],
        "signup": [(20, "m/ip")],
        "reset_password": [(20, "m/ip"), (5, "m/key")],
        "reset_password_from_key": [(20, "m/ip")],
        "confirm_email": [(1, "180s/key")],
        "change_password": [(5, "m/user")],
        "manage_email": [(10, "m/user")],
        "reauthenticate": [(10, "m/user")],
    }.items()
}
ACCOUNT_CHANGE_EMAIL = True
MFA_ADAPTER = "accounts.factor_adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.FirstCodeForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 0
MFA_RECOVERY_CODES_SHOW_ONCE = True
# people who came through Slack have no address that could be proved
MFA_ALLOW_UNVERIFIED_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "accounts.session_store"  # ends idle and old sessions
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = sorted({PUBLIC_URL, CONSOLE_URL})
CSRF_FAILURE_VIEW = "livechat.views.public.csrf_failure"

# --- headers --------------------------------------------------------------------------------------------------------
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", FILES_URL],
        "font-src": [SELF],
        "connect-src": [SELF, WS_URL],
        "frame-src": [SELF, WIDGET_URL],
        "form-action": [SELF, SLACK_WEB_URL, *(STRIPE_PAGES if STRIPE_SECRET_KEY else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- files, mail, logs ----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": env.storage(VAR_DIR / "files"),
    "staticfiles": {"BACKEND": "config.static.HashedStaticStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", "Threadbell <threadbell@localhost>")
_mail = env.mail("EMAIL_URL", "consolemail://")
EMAIL_BACKEND = str(_mail["EMAIL_BACKEND"])
# filemail:////a/folder writes each mail into a file there
EMAIL_FILE_PATH = str(_mail.get("EMAIL_FILE_PATH") or "") or None
EMAIL_HOST = str(_mail.get("EMAIL_HOST") or "localhost")
EMAIL_PORT = int(str(_mail.get("EMAIL_PORT") or 25))
EMAIL_HOST_USER = str(_mail.get("EMAIL_HOST_USER") or "")
EMAIL_HOST_PASSWORD = str(_mail.get("EMAIL_HOST_PASSWORD") or "")
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
# somebody may be waiting for the page that sends it
EMAIL_TIMEOUT = 10

# --- who runs it: shown on the public pages -------------------------------------------------------------------------
OPERATOR_NAME = env.text("OPERATOR_NAME")
OPERATOR_ADDRESS = env.text("OPERATOR_ADDRESS")
SUPPORT_EMAIL = env.mail_address("SUPPORT_EMAIL")

LOGGING = logs.config(DEBUG)
