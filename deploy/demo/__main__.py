"""`python -m deploy.demo --data DIR`: fills an empty stack that runs; says what it does, a line at a time."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from time import monotonic

import httpx

from deploy.data_folder import DataFolder
from deploy.demo import cases, residents
from deploy.demo.browsing import UnexpectedPageError
from deploy.demo.cases import Case
from deploy.demo.desk import Desk
from deploy.demo.plan import Act, Moment, plan
from deploy.demo.residents import Receipt
from deploy.errors import StackError
from deploy.movable_clock import offset
from deploy.settling import NotSettledError, RunningParts, running_parts
from shared import municipality
from shared.clock import OSLO, oslo_day, write_offset

MORNING = time(8, 1)
"""When the services do what fell due: the office has opened."""


class Demonstration:
    """Lives through five weeks: sets the clock, lets people act, waits for the services, goes on."""

    def __init__(
        self, folder: DataFolder, parts: RunningParts, desk: Desk, told: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._parts = parts
        self._told = told
        self._desk = desk
        self._address = desk.address
        self._municipality = desk.municipality
        self._cases = {case.number: case for case in cases.read(self._municipality)}
        self._receipts: dict[int, Receipt] = {}

    async def run(self) -> None:
        """Leaves the clock as it was."""
        ahead = offset(self._folder)
        now = datetime.now(UTC) + timedelta(seconds=ahead)
        moments = plan(list(self._cases.values()), self._municipality, now)
        try:
            day = oslo_day(moments[0].at)
            of_day = {
                day: list(some) for day, some in groupby(moments, key=lambda moment: oslo_day(moment.at))
            }
            while day <= oslo_day(now):
                await self._live(day, of_day.get(day, ()), now)
                day += timedelta(days=1)
        finally:
            write_offset(self._folder.clock, timedelta(seconds=ahead))
        await self._parts.settle()
        # The month before is over, and the five weeks reach into it: its report is something to read.
        await self._desk.issue_report(f"{oslo_day(now).replace(day=1) - timedelta(days=1):%Y-%m}")
        await self._parts.settle()

    async def _live(self, day: date, moments: Sequence[Moment], now: datetime) -> None:
        if day.weekday() == 0 or not self._receipts:
            self._told(f"  week of {day:%-d %B}, {len(self._receipts)} cases so far")
        morning = datetime.combine(day, MORNING, OSLO)
        before = [moment for moment in moments if moment.at < morning]
        after = [moment for moment in moments if moment.at >= morning]
        await self._act(before)
        if morning < now:
            self._move_to(morning)
            await self._parts.take_steps()
        await self._act(after)
        await self._parts.mail()  # of the day it is about

    async def _act(self, moments: Sequence[Moment]) -> None:
        for moment in moments:
            self._move_to(moment.at)
            await self._acts[moment.act](self._cases[moment.number], moment)

    @property
    def _acts(self) -> dict[Act, Callable[[Case, Moment], Awaitable[None]]]:
        return {
            Act.SUBMIT: self._submit,
            Act.ADD: self._add,
            Act.OPEN: self._open,
            Act.INTERIM: self._interim,
            Act.HAND_OVER: self._hand_over,
            Act.ANSWER: self._answer,
            Act.CLOSE: self._close,
            Act.FEEDBACK: self._feedback,
        }

    async def _submit(self, case: Case, _moment: Moment) -> None:
        self._receipts[case.number] = await residents.submit(self._address, case)
        await self._parts.hear("routing")  # which notes when it gave the case to somebody

    async def _add(self, case: Case, _moment: Moment) -> None:
        await residents.add(self._address, self._receipts[case.number], case.adds or "")

    async def _open(self, case: Case, _moment: Moment) -> None:
        await self._desk.open(self._reference(case))

    async def _interim(self, case: Case, moment: Moment) -> None:
        await self._desk.interim_answer(self._reference(case), case.interim or "", moment.expected_on)

    async def _hand_over(self, case: Case, moment: Moment) -> None:
        owner = self._municipality.owner(case.right_topic, case.area, oslo_day(moment.at))
        await self._desk.hand_over(self._reference(case), owner.unit_id, case.reason or "")

    async def _answer(self, case: Case, _moment: Moment) -> None:
        await self._desk.answer(self._reference(case), case.answer or "")

    async def _close(self, case: Case, _moment: Moment) -> None:
        await self._desk.close(self._reference(case))

    async def _feedback(self, case: Case, _moment: Moment) -> None:
        await self._parts.hear("intake")
        await residents.say_whether_it_helped(self._address, self._receipts[case.number], case)

    def _reference(self, case: Case) -> str:
        return self._receipts[case.number].reference

    def _move_to(self, instant: datetime) -> None:
        write_offset(self._folder.clock, instant - datetime.now(UTC))


async def demonstrate(folder: DataFolder, told: Callable[[str], None]) -> None:
    """Fills the stack, where it is empty, and says so."""
    async with running_parts(folder) as parts:
        if not await parts.is_empty():
            told("There are cases here already, so no demonstration is made: it needs an empty data folder.")
            return
        began = monotonic()
        told("Making a demonstration: five weeks of invented cases, in about a minute.")
        told(
            "Everything can be looked at meanwhile; sign in once more when it is done, since the clock moves."
        )
        record = folder.record()
        place = municipality.load(record.municipality_folder)
        async with Desk(record.public_url, place, parts.databases["routing"]) as desk:
            await Demonstration(folder, parts, desk, told).run()
        told(f"The demonstration is there after {monotonic() - began:.0f} s. Every case in it is invented.")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = DataFolder(parser.parse_args().data)
    try:
        asyncio.run(demonstrate(folder, lambda line: print(line, flush=True)))
    except (StackError, UnexpectedPageError, NotSettledError, httpx.HTTPError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
