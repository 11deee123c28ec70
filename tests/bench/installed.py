"""Measures what its arguments name, in the environment of the installation under test; one JSON line for each."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def measurements() -> dict[str, Callable[[Any], dict[str, Any]]]:
    """Give the measurements by their names, in the order in which they are made: the long queue last."""
    from tests.bench import additions, backlog, buying, charge, waiting  # models can be imported only now

    return {
        "charge": charge.measure,
        "additions": additions.measure,
        "quoted-again": additions.measure_quoted_again,
        "accounts": buying.measure_accounts,
        "quote": buying.measure_quote,
        "confirm": waiting.measure,
        "readings": buying.measure_readings,
        "backlog": backlog.measure,
    }


def main(names: list[str]) -> None:
    """Build the stage, measure, and tear it down."""
    django.setup()
    from tests.bench.stage import Stage

    stage = Stage(Path(os.environ["VAR_DIR"]).parent, int(os.environ["BENCH_CA_PORT"]))
    try:
        for name, measure in measurements().items():
            if name in names:
                stage.finish()
                measured = measure(stage)
                rows = [row.as_json() for row in measured["rows"]]
                sys.stdout.write(json.dumps({"name": name} | measured | {"rows": rows}) + "\n")
                sys.stdout.flush()
    finally:
        stage.close()


if __name__ == "__main__":
    main(sys.argv[1:])
