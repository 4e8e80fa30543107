"""`python -m bench.imports`: how long 60,000 rows of another system take until the figures have them all.

In a stack of its own; then the same file again, which must change nothing.
"""

import argparse
import csv
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.load import own_stack
from deploy import cli_indicators
from deploy.data_folder import DataFolder
from shared import municipality

MAP = """
timezone = "Europe/Oslo"
system = "bench"
[columns]
reference = "Saksnr"
received = "Mottatt"
due = "Frist"
answered = "Besvart"
kind = "Type"
topic = "Tema"
unit = "Virksomhet"
"""
FIRST, YEARS = datetime(2016, 1, 1), 8  # noqa: DTZ001 - as an archive writes it
UNITS = 30


def write(path: Path, rows: int, random: Random) -> None:
    """A file of cases over eight years, some open, some without a promise."""
    topics = list(municipality.load("sorum").topics)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(["Saksnr", "Mottatt", "Frist", "Besvart", "Type", "Tema", "Virksomhet"])
        for number in range(rows):
            received = FIRST + timedelta(minutes=random.randrange(YEARS * 365 * 24 * 60))
            due = received.date() + timedelta(days=7) if random.random() < 0.9 else ""
            answered = (
                received + timedelta(hours=random.expovariate(1 / 90)) if random.random() < 0.98 else ""
            )
            kind = random.choice(("praise", "complaint", "question"))
            unit = f"Virksomhet {random.randrange(UNITS)}"
            table.writerow([f"16/{number}", received, due, answered, kind, random.choice(topics), unit])


def imported(folder: DataFolder, file: Path, mapping: Path) -> tuple[dict[str, Any], float]:
    """What the command says, and how long it took."""
    command = (sys.executable, "-m", "deploy.cli", "import", str(file), "--map", str(mapping), "--json")
    began = perf_counter()
    words = (*command, "--data", str(folder.path))
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    return json.loads(done.stdout), perf_counter() - began


def main() -> None:
    """Imports twice; exit code 1 where the figures do not have every row."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    asked = parser.parse_args()
    with own_stack("--municipality", "sorum") as folder, TemporaryDirectory() as name:
        file, mapping = Path(name) / "saker.csv", Path(name) / "bench.toml"
        write(file, asked.rows, Random(1))
        mapping.write_text(MAP, encoding="utf-8")
        for what in ("first", "again"):
            told, seconds = imported(folder, file, mapping)
            print(
                f"{what}: {told['rows']:,} rows in {seconds:.1f} s ({told['rows'] / seconds:,.0f}/s), "
                f"{told['imported']:,} imported, {told['unchanged']:,} unchanged, {told['refused']:,} refused, "
                f"{'all counted' if told['counted'] else 'not all counted yet'}"
            )
        figures = cli_indicators.ask(folder, date(2016, 1, 1), date(2024, 12, 31))
        print(f"in the figures: {figures['received']['total']:,}")
    sys.exit(0 if figures["received"]["total"] == asked.rows - told["refused"] else 1)


if __name__ == "__main__":
    main()
