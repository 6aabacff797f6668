"""Static files with hashed names; `import … from "./x.js"` inside our ES modules is rewritten to the hashed name."""

import rcssmin
import rjsmin
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = ("widget/", "console/", "public/", "demo/")


def packed(name: str, source: str) -> str:
    """Without comments and needless white space: a quarter of what a visitor would download."""
    if name.endswith(".js"):
        return str(rjsmin.jsmin(source))
    return str(rcssmin.cssmin(source)) if name.endswith(".css") else source


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    support_js_module_import_aggregation = True
    manifest_strict = True

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Collected files of ours are packed before they get their hash; vendored ones stay as they came."""
        if name.startswith(OURS) and name.endswith((".js", ".css")) and ".min." not in name:
            content.seek(0)  # it was read for its hash
            content = ContentFile(packed(name, content.read().decode()).encode())
        return str(super()._save(name, content))


class StaticFiles(StaticFilesConfig):
    """Without htmx's extensions: nothing uses them, and one imports a file that is not there."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]
