"""Static files with hashed names; `import … from "./x.js"` inside our ES modules is rewritten to the hashed name."""

import re
from pathlib import Path

import rcssmin
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

from config.joining import joined

# collected with everything that they import, and named by their hash too
JOINED = re.compile(r"(widget/panel|widget/widget)(?:\.[0-9a-f]{12})?(\.js|\.css)")
WRITTEN = Path(__file__).parent.parent / "static"
OURS = ("widget/", "console/", "public/", "demo/")


def packed(name: str, source: str) -> str:
    """Without comments, needless white space and long local names: a third of what a visitor would download.

    The packer of scripts brings Go's runtime along, so it is loaded where files are collected and in no server.
    """
    if name.endswith(".js"):
        import minify

        return str(minify.string("application/javascript", source))
    return str(rcssmin.cssmin(source)) if name.endswith(".css") else source


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    support_js_module_import_aggregation = True
    manifest_strict = True

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Collected files of ours are packed before they get their hash; vendored ones stay as they came."""
        if name.startswith(OURS) and name.endswith((".js", ".css")) and ".min." not in name:
            content.seek(0)  # it was read for its hash
            whole = JOINED.fullmatch(name)
            source = joined(WRITTEN / (whole[1] + whole[2])) if whole else content.read().decode()
            content = ContentFile(packed(name, source).encode())
        return str(super()._save(name, content))


class StaticFiles(StaticFilesConfig):
    """Without htmx's extensions: nothing uses them, and one imports a file that is not there."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]
