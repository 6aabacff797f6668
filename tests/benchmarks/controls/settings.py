"""The controls' own small Django project: the product's database options, no middleware, nothing else."""

from pathlib import Path

from config import env

SECRET_KEY = env.text("SECRET_KEY", "controls-only")
INSTALLED_APPS = ["tests.benchmarks.controls"]
DATABASES = {"default": env.database(Path(env.text("VAR_DIR", "var")))}
ROOT_URLCONF = "tests.benchmarks.controls.bolt"
MIDDLEWARE: list[str] = []
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
TRUSTED_PROXIES: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
