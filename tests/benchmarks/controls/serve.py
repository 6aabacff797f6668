"""`python -m tests.benchmarks.controls.serve echo --port 9000`: a control on the product's own server settings."""

import argparse
import os

import django
import uvicorn

from config.serve import configuration
from tests.benchmarks.controls import CONTROLS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("control", choices=CONTROLS)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.controls.settings"
    django.setup()
    if asked.control == "echo":
        make_table()
    configured = configuration("127.0.0.1", asked.port)
    configured.app = f"tests.benchmarks.controls.{asked.control}:application"
    configured.lifespan = "off"
    uvicorn.Server(configured).run()


def make_table() -> None:
    from django.db import connection

    from tests.benchmarks.controls.models import Line

    if Line._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Line)


if __name__ == "__main__":
    main()
