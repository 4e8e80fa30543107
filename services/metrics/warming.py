"""Reads what the dashboards show before anybody asks: the first look of a day need not wait for the backlogs."""

import asyncio
from datetime import date

import structlog

from services.metrics import dashboard
from services.metrics.periods import Period, Preset
from services.metrics.reading import Reader
from services.metrics.selection import Selection

log = structlog.get_logger()


class Warming:
    """Reads each named period once a day and after a start: their evenings and percentiles are then known.

    The figures are the same without it; what it has read is checked like anything remembered (`backlog`, `lengths`).
    """

    def __init__(self, reader: Reader, *, every: float = 60.0) -> None:
        self._reader = reader
        self._every = every
        self._read_on: date | None = None

    async def run(self) -> None:
        """Looks now and then whether a new day has come; what fails is tried again, and ends nothing else."""
        while True:
            try:
                await self.read()
            except Exception as error:  # noqa: BLE001 - a loop that dies ends the process, and nobody needs this one
                log.warning("warming.failed", error=type(error).__name__)
            await asyncio.sleep(self._every)

    async def read(self) -> None:
        """Reads what the overview of each named period shows, unless it was read today."""
        today = self._reader.today()
        if self._read_on == today:
            return
        for preset in Preset:
            async with self._reader.reading() as reading:
                selection = Selection(Period.of(preset, today), preset)
                await dashboard.read(reading, selection)
                await dashboard.read_months(reading, selection)
        self._read_on = today
