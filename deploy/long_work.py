"""How far a long command has come: a bar on a terminal, and silence anywhere else."""

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Item = TypeVar("Item")


class LongWork:
    """Steps that follow each other, each with how much of it is done."""

    def __init__(self, progress: "Progress | None" = None) -> None:
        self._progress = progress
        self._step: TaskID | None = None

    def began(self, step: str, total: int | None = None) -> None:
        """A new step; `total` is how much there is to do, where that is known."""
        if self._progress:
            self._step = self._progress.add_task(step, total=total)

    def reached(self, done: int) -> None:
        """How much of the step is done."""
        if self._progress and self._step is not None:
            self._progress.update(self._step, completed=done)

    def following(self, items: Iterable[Item], total: int) -> Iterable[Item]:
        """The items, as the step that has begun goes through them."""
        if not self._progress or self._step is None:
            return items
        return self._progress.track(items, total=total, task_id=self._step)


@contextmanager
def long_work() -> Generator[LongWork]:
    """Shown on standard error, so that what a command prints can go elsewhere."""
    if not sys.stderr.isatty():
        yield LongWork()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield LongWork(progress)
