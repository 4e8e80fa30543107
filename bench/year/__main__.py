"""`python -m bench.year`: a year of 15,000 residents through the real services, in a stack of its own.

Residents submit over the public API, caseworkers act on the desk's pages, the test clock goes from day to day,
and processes are killed with -9 at moments that the seed decides. At the end an oracle that shares no code with
the services judges promises, ladders, mails and figures, and the audit must be clean. Exit code 1 otherwise.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from time import perf_counter

from bench.load import own_stack
from bench.year.judging import judged
from bench.year.killing import Killer
from bench.year.living import Year
from bench.year.oracle import Oracle
from deploy.data_folder import DataFolder
from deploy.settling import running_parts
from deploy.simulation.duplicates import lives
from deploy.simulation.lives import Life
from shared import municipality
from shared.clock import FileClock, oslo_day

AFTERWARDS = timedelta(days=8)
"""After the last act or due day, until the last step of every ladder."""


async def lived(
    folder: DataFolder,
    chosen: Sequence[Life],
    *,
    kills: int,
    seed: int,
    told: Callable[[str], None],
) -> list[str]:
    """Lives these lives on a stack whose clock stands before them; returns everything that went wrong."""
    record = folder.record()
    place = municipality.load(record.municipality_folder)
    oracle = Oracle(place.folder)
    first = oslo_day(chosen[0].received_at)
    last = max(oslo_day(deed.at) for life in chosen for deed in life.deeds) + AFTERWARDS
    random = Random(seed)
    killer = Killer(folder, (last - first).days, kills, random)
    year = Year(folder, place, chosen, killer, random, told)
    began = perf_counter()
    told(f"{len(chosen)} submissions from {first} on, {kills} kills, until {last}")
    await year.live(first, last)
    told(f"lived in {perf_counter() - began:.0f} s; killed: {', '.join(killer.killed) or 'nothing'}")
    told("  " + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in year.spent.items()))
    async with running_parts(folder) as parts:
        await parts.settle(120)
        return year.faults + await judged(parts, folder, year.records, oracle, told, len(killer.killed))


def next_years(folder: DataFolder, first: tuple[int, int], residents: int, seed: int) -> list[Life]:
    """A year of lives that begins on the next such day (month and day) after the stack's present."""
    record = folder.record()
    today = oslo_day(FileClock(folder.clock)())
    year = today.year if date(today.year, *first) > today else today.year + 1
    place = municipality.load(record.municipality_folder)
    found = [life for one in (year, year + 1) for life in _apart(lives(place, one, residents, seed), one)]
    begins, ends = date(year, *first), date(year + 1, *first)
    return whole([life for life in found if begins <= oslo_day(life.received_at) < ends])


def whole(found: Sequence[Life]) -> list[Life]:
    """Without those merged into one that is not among them."""
    numbers = {life.number for life in found}
    return [
        life for life in found if all(deed.into is None or deed.into.number in numbers for deed in life.deeds)
    ]


def _apart(found: Sequence[Life], year: int) -> Sequence[Life]:
    """With numbers that no other year's lives have."""

    def numbered(life: Life) -> Life:
        deeds = tuple(replace(deed, into=numbered(deed.into)) if deed.into else deed for deed in life.deeds)
        return replace(life, number=year * 1_000_000 + life.number, deeds=deeds)

    return [numbered(life) for life in found]


def main() -> None:
    """Reads the command line, and runs a stack."""
    parser = argparse.ArgumentParser(prog="python -m bench.year", description=__doc__)
    parser.add_argument("--residents", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--municipality", default="sorum")
    parser.add_argument("--days", type=int, default=366, help="Only what comes in the first so many days.")
    asked = parser.parse_args()

    def told(line: str) -> None:
        print(line, flush=True)

    began = perf_counter()
    with own_stack("--municipality", asked.municipality, "--test-clock") as folder:
        chosen = next_years(folder, (1, 1), asked.residents, asked.seed)
        until = oslo_day(chosen[0].received_at) + timedelta(days=asked.days)
        chosen = whole([life for life in chosen if oslo_day(life.received_at) < until])
        wrong = asyncio.run(lived(folder, chosen, kills=asked.kills, seed=asked.seed, told=told))
    for line in wrong[:50]:
        told(f"  WRONG {line}")
    told(
        f"{'everything is right' if not wrong else f'{len(wrong)} things are wrong'} ({perf_counter() - began:.0f} s)"
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
