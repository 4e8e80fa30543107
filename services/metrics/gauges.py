"""The municipality's key figures for Prometheus, read now and then, not at every question."""

import asyncio

import structlog
from prometheus_client import Gauge

from services.metrics.invented import has_invented
from services.metrics.periods import Period, Preset
from services.metrics.reading import Reader
from shared.events import Kind

log = structlog.get_logger()
open_gauge = Gauge("svarfrist_cases_open", "Cases neither answered nor closed")
overdue_gauge = Gauge("svarfrist_cases_overdue", "Open cases whose due day has passed")
due_gauge = Gauge("svarfrist_promises_due_30_days", "Promises whose due day passed in the last 30 days")
kept_gauge = Gauge("svarfrist_promises_kept_ratio_30_days", "Of these, the share that was kept")
oldest_gauge = Gauge("svarfrist_cases_oldest_open_days", "Days since the oldest open case was received")
received_gauge = Gauge("svarfrist_cases_received_30_days", "Cases received in the last 30 days", ["kind"])
median_gauge = Gauge(
    "svarfrist_response_median_days_30_days", "Median days to the answers of the last 30 days"
)
p90_gauge = Gauge("svarfrist_response_p90_days_30_days", "Days within which nine in ten of them came")
interim_gauge = Gauge(
    "svarfrist_interim_in_time_ratio_30_days",
    "Share of the interim answers due in the last 30 days that came",
)
bounced_gauge = Gauge(
    "svarfrist_messages_bounced_30_days", "Messages about cases of the last 30 days that came back"
)
invented_gauge = Gauge("svarfrist_figures_invented", "1 where the figures are of a simulated year, else 0")


class Gauges:
    """Keeps the gauges up to date."""

    def __init__(self, reader: Reader, *, every: float = 60.0) -> None:
        self._reader = reader
        self._every = every

    async def run(self) -> None:
        """Reads the figures again and again; a database that is away leaves the gauges as they were."""
        while True:
            try:
                await self.read()
            except Exception as error:  # noqa: BLE001 - asyncpg's own errors too, while a server starts
                log.warning("gauges.failed", error=type(error).__name__)
            await asyncio.sleep(self._every)

    async def read(self) -> None:
        """Reads the figures once, of the same thirty days as the dashboards begin with: today is the last.

        The share is that of nothing, NaN, where nothing was due.
        """
        async with self._reader.reading() as reading:
            of = await reading.total(Period.of(Preset.LAST_30_DAYS, reading.today))
            invented_gauge.set(await has_invented(reading.session))
        open_gauge.set(of.backlog.open)
        overdue_gauge.set(of.backlog.overdue)
        due_gauge.set(of.promise.due)
        kept_gauge.set(_number(of.promise.share))
        oldest_gauge.set(of.backlog.oldest_days or 0)
        for kind in Kind:
            received_gauge.labels(kind).set(getattr(of.received, kind))
        median_gauge.set(_number(of.response.median))
        p90_gauge.set(_number(of.response.p90))
        interim_gauge.set(_number(of.interim.share))
        bounced_gauge.set(of.messages.bounced)


def _number(figure: float | None) -> float:
    """NaN where there is nothing to compute it from: not nought."""
    return float("nan") if figure is None else figure
