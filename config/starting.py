"""What a process of ours does before anything else."""

import os
import sys


def read_settings() -> None:
    """Ends the process with the sentence that says what to mend: below a traceback nobody finds it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        bool(settings.DEBUG)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))
