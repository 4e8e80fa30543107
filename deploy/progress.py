"""What the operator sees while the stack starts and runs."""

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from deploy.stack import Display

if TYPE_CHECKING:
    from rich.console import RenderableType


@contextmanager
def display() -> Generator[Display]:
    """A live list on a terminal, plain lines anywhere else."""
    if not sys.stdout.isatty():
        yield PlainDisplay(sys.stdout)
        return
    live = LiveDisplay()
    try:
        yield live
    finally:
        live.close()


class PlainDisplay:
    """A line for each thing that happens: for logs and pipes."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._began: dict[str, float] = {}

    def began(self, step: str) -> None:
        """Said only when it is ready; a log has no use for both."""
        self._began.setdefault(step, time.monotonic())

    def ready(self, step: str) -> None:
        """With how long it took."""
        self.told(f"{step} ready ({time.monotonic() - self._began[step]:.1f} s)")

    def told(self, line: str) -> None:
        """The line as it is."""
        print(line, file=self._output, flush=True)

    def all_ready(self, addresses: Mapping[str, str], seconds: float) -> None:
        """The addresses, one a line."""
        self.told(f"Everything is ready after {seconds:.1f} s. Stop with Ctrl-C.")
        for face, address in addresses.items():
            self.told(f"  {face}: {address}")


class LiveDisplay:
    """A list with a line for each part, whose marks change as they become ready."""

    def __init__(self) -> None:
        # Here and not above: a stack without a terminal has no need of it in memory.
        from rich.console import Console
        from rich.live import Live

        self._began: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._console = Console(highlight=False)
        self._live: Live | None = Live(
            console=self._console, get_renderable=self._drawn, refresh_per_second=8, transient=False
        )
        self._live.start()

    def began(self, step: str) -> None:
        """A new line with a spinner."""
        self._began.setdefault(step, time.monotonic())

    def ready(self, step: str) -> None:
        """A check mark, and how long it took."""
        self._took[step] = time.monotonic() - self._began[step]

    def told(self, line: str) -> None:
        """Above the list while it is drawn, below it afterwards."""
        self._console.print(line, markup=False)

    def all_ready(self, addresses: Mapping[str, str], seconds: float) -> None:
        """Ends the list and shows where to go."""
        self.close()
        self._console.print(
            f"\n[bold green]Everything is ready[/] after {seconds:.1f} s. Stop with Ctrl-C.\n"
        )
        width = max(map(len, addresses))
        for face, address in addresses.items():
            self._console.print(f"  {face.ljust(width)}  [cyan]{address}[/]")
        self._console.print()

    def close(self) -> None:
        """Leaves the list as it stands."""
        if self._live:
            self._live.stop()
            self._live = None

    def _drawn(self) -> "RenderableType":
        from rich.spinner import Spinner
        from rich.table import Table

        table = Table.grid(padding=(0, 1))
        for step in self._began:
            took = self._took.get(step)
            if took is None:
                table.add_row(Spinner("dots"), step, "")
            else:
                table.add_row("[green]✓[/]", step, f"[dim]{took:.1f} s[/]")
        return table
