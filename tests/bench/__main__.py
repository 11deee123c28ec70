"""`python -m tests.bench`."""

import logging
import os
import sys

import django


def main() -> None:
    """Measure and print."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    logging.disable(logging.WARNING)
    from tests.bench.latency import latencies
    from tests.bench.pages import FEW, MANY, costs

    say = sys.stdout.write
    say(f"{'page':26}{'queries':>14}{'ms':>16}{'time':>9}   with {FEW} and with {MANY} rows\n")
    for name, few, many in costs():
        queries, times = f"{few.queries} -> {many.queries}", f"{few.time:.1f} -> {many.time:.1f}"
        say(f"{name:26}{queries:>14}{times:>16}{many.time / few.time:>8.2f}x\n")
    say("\nconfirm to first call at the CA\n")
    measured = list(latencies())
    for name, median, worst in measured:
        say(f"{name:26}{median:>8.0f} ms median{worst:>8.0f} ms worst\n")
    if len(measured) == 2:
        say(f"{'ratio of the medians':26}{measured[0][1] / measured[1][1]:>8.2f}x\n")


if __name__ == "__main__":
    main()
