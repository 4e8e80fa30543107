"""`python -m bench.deadlines`: how long `svarfrist deadline` takes for 50,000 lines, every one checked."""

import argparse
import json
import subprocess
import sys
from random import Random
from time import perf_counter

from bench.due_days import due_on, lines, oslo_day, questions


def main() -> None:
    """Asks, and compares each answer with the oracle; exit code 1 where one differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.deadlines", description=__doc__)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    asked = questions(given.lines, Random(given.seed))
    began = perf_counter()
    done = subprocess.run(
        (sys.executable, "-m", "deploy.cli", "deadline"),
        input=lines(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = perf_counter() - began
    told = [json.loads(line).get("due_on") for line in done.stdout.splitlines()]
    expected = [due_on(oslo_day(instant), rule).isoformat() for instant, rule in asked]
    wrong = [pair for pair in zip(asked, told, expected, strict=True) if pair[1] != pair[2]]
    print(
        f"{len(told):,} deadlines in {seconds:.1f} s ({len(told) / seconds:,.0f}/s), {len(wrong)} of them wrong"
    )
    for (instant, rule), shown, right in wrong[:10]:
        print(f"  {instant.isoformat()} {rule}: {shown}, should be {right}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
