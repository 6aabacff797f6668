"""What the settings need from the environment, given before pytest reads them. Real values beat these."""

import atexit
import os
import shutil
import sys
import tempfile

# some images forbid it to save space; without it every process of every test compiles Django and pytest anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

os.environ.setdefault("SECRET_KEY", "tests-only-" * 6)
os.environ.setdefault("FIELD_ENCRYPTION_KEY", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")
os.environ.setdefault("SLACK_CLIENT_ID", "1000000001.2000000002")
os.environ.setdefault("SLACK_CLIENT_SECRET", "sandbox-client-secret-0123456789ab")
os.environ.setdefault("SLACK_SIGNING_SECRET", "sandbox-signing-secret-0123456789a")
os.environ.setdefault("SLACK_APP_ID", "A0SANDBOX1")

if "VAR_DIR" not in os.environ:
    # two runs beside each other must not share a test database
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="threadbell-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
