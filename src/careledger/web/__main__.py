"""``python -m careledger.web``: the manage command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a Django management command under the project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careledger.web.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["careledger.web", *sys.argv[1:]])


if __name__ == "__main__":
    main()
