"""Static files with hashed names; `import … from "./x.js"` inside our ES modules is rewritten to the hashed name."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    support_js_module_import_aggregation = True
    manifest_strict = True


class StaticFiles(StaticFilesConfig):
    """Without htmx's extensions: nothing uses them, and one imports a file that is not there."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]
