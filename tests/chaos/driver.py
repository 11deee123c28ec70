"""A process of its own with the environment of the installation under test: a JSON command a line in, an answer out."""

import json
import os
import sys

import django


def main() -> None:
    """Answer until the input ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    django.setup()
    from tests.chaos.steps import COMMANDS  # models can be imported only now

    for line in sys.stdin:
        asked = json.loads(line)
        answer = COMMANDS[asked["do"]](*asked["with"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
