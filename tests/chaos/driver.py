"""A process of its own with the environment of the installation under test: a JSON command a line in, an answer out."""

import json
import logging
import os
import sys

import django
from django.db import close_old_connections


def main() -> None:
    """Answer until the input ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    django.setup()
    from tests.chaos.steps import COMMANDS  # models can be imported only now

    for line in sys.stdin:
        close_old_connections()
        asked = json.loads(line)
        try:
            answer = {"answer": COMMANDS[asked["do"]](*asked["with"])}
        except Exception as problem:
            logging.exception("%s failed", asked["do"])
            answer = {"problem": f"{type(problem).__name__}: {problem}"}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
