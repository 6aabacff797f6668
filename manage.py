#!/usr/bin/env python3
import sys

from config import starting

if __name__ == "__main__":
    starting.read_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
