"""Static files with hashed names; `import … from "./x.js"` inside our ES modules is rewritten to the hashed name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    manifest_strict = True
