"""Which cells of a table of two dimensions may not be told beside its sums.

Months across service sections, with a sum at the end of each row and column: what is hidden in a row may be
reckoned from the row's sum, and then from the column's. So, after small cells (`suppression.is_small`):
- a row or column, its sum included, hides nothing or at least two cells;
- where its sum is told, what it hides adds up to five cases or more (or to none);
- no hidden cell can be reckoned from all sums together. With every sum turned to its negative, rows and columns
  add up to zero, and a hidden cell is determined exactly where it is a bridge in the graph whose nodes are rows
  and columns and whose edges are the hidden cells (D. Gusfield, *A graph theoretic approach to statistical data
  security*, SIAM J. Comput. 17, 1988). A bridge gets company until none is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.metrics.suppression import FEWEST, is_small

Counts = Sequence[Sequence[int]]
Cell = tuple[int, int]
Line = Sequence[Cell]


def hidden_cells(*tables: Counts, besides: Sequence[Sequence[bool]] | None = None) -> list[list[bool]]:
    """Which cells of these tables may not be told; one answer for all of them, the sums at the ends of it.

    Several tables are counts of the same cells that stand or fall together, as kept and broken promises.

    :param besides: cells, the sums included, that are hidden anyway.
    """
    guarded = _Guarded([_with_sums(table) for table in tables])
    for row, column in guarded.cells:
        small = any(is_small(table[row][column]) for table in guarded.tables)
        if small or (besides is not None and besides[row][column]):
            guarded.hidden.add((row, column))
    guarded.hide_company()
    return [
        [(row, column) in guarded.hidden for column in range(guarded.width)] for row in range(guarded.height)
    ]


def _with_sums(table: Counts) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in table]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)] if rows else [0]]


@dataclass
class _Guarded:
    """Tables with their sums, and the cells of them that are hidden so far."""

    tables: Sequence[Sequence[Sequence[int]]]
    hidden: set[Cell] = field(default_factory=set)

    @property
    def height(self) -> int:
        return len(self.tables[0])

    @property
    def width(self) -> int:
        return len(self.tables[0][0])

    @property
    def cells(self) -> Iterator[Cell]:
        return ((row, column) for row in range(self.height) for column in range(self.width))

    @property
    def lines(self) -> list[Line]:
        """Rows and columns; the sum of each stands last."""
        rows = [[(row, column) for column in range(self.width)] for row in range(self.height)]
        columns = [[(row, column) for row in range(self.height)] for column in range(self.width)]
        return [*rows, *columns]

    def hide_company(self) -> None:
        """Hides more until every line and the whole are safe; every round hides a cell, so it ends."""
        while True:
            open_lines = (line for line in self.lines if not self._is_safe(line))
            found = next((cell for line in open_lines if (cell := self._next(line))), None)
            found = found or self._beside_a_bridge()
            if found is None:
                return
            self.hidden.add(found)

    def _is_safe(self, line: Line) -> bool:
        *inner, total = line
        hides = [cell for cell in line if cell in self.hidden]
        if not hides:
            return True
        if len(hides) == 1:
            return False
        if total in self.hidden:
            return True
        amounts = [
            sum(table[row][column] for row, column in inner if (row, column) in self.hidden)
            for table in self.tables
        ]
        return all(amount == 0 or amount >= FEWEST for amount in amounts)

    def _next(self, line: Line) -> Cell | None:
        """The smallest cell of a line that is told and not nothing; else its sum; else one that is nothing."""
        *inner, total = line
        told = [cell for cell in inner if cell not in self.hidden]
        counted = [cell for cell in told if self._size(cell)]
        if counted:
            return min(counted, key=lambda cell: (self._size(cell), cell))
        if total not in self.hidden:
            return total
        return told[0] if told else None

    def _size(self, cell: Cell) -> int:
        return sum(table[cell[0]][cell[1]] for table in self.tables)

    def _beside_a_bridge(self) -> Cell | None:
        for row, column in sorted(self.hidden):
            if self._is_bridge((row, column)):
                line = [(row, other) for other in range(self.width)]
                across = [(other, column) for other in range(self.height)]
                return self._next(line) or self._next(across)
        return None

    def _is_bridge(self, edge: Cell) -> bool:
        """Whether its row and its column hang together by it alone."""
        edges = self.hidden - {edge}
        reached, waiting = {("row", edge[0])}, [("row", edge[0])]
        while waiting:
            side, number = waiting.pop()
            for row, column in edges:
                if (row if side == "row" else column) != number:
                    continue
                node = ("column", column) if side == "row" else ("row", row)
                if node not in reached:
                    reached.add(node)
                    waiting.append(node)
        return ("column", edge[1]) not in reached
