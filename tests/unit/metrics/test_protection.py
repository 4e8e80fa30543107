"""What two-dimensional tables hide, attacked with all their sums at once."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.protection import hidden_cells

COUNTS = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40))
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def determined(hidden: list[list[bool]]) -> set[tuple[int, int]]:
    """The hidden cells that follow from the sums: by elimination, knowing nothing of graphs."""
    unknown = [(row, column) for row, line in enumerate(hidden) for column, hides in enumerate(line) if hides]
    height, width = len(hidden), len(hidden[0])
    sign = {cell: -1 if (cell[1] == width - 1) else 1 for cell in unknown}
    down = {cell: -1 if (cell[0] == height - 1) else 1 for cell in unknown}
    equations = [[sign[cell] if cell[0] == row else 0 for cell in unknown] for row in range(height)]
    equations += [[down[cell] if cell[1] == column else 0 for cell in unknown] for column in range(width)]
    reduced = _reduced([[Fraction(value) for value in equation] for equation in equations])
    return {
        unknown[next(place for place, value in enumerate(equation) if value)]
        for equation in reduced
        if sum(value != 0 for value in equation) == 1
    }


def _reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss and Jordan."""
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((at for at in range(done, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for at, row in enumerate(rows):
            if at != done and row[column]:
                rows[at] = [value - row[column] * first for value, first in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]


def test_a_large_table_is_told_whole() -> None:
    """Nothing to hide."""
    assert not any(any(row) for row in hidden_cells([[9, 12], [7, 0]]))


def test_a_small_cell_takes_a_rectangle_along() -> None:
    """Company in its row and in its column, and one that closes the way round."""
    assert hidden_cells([[3, 20, 30], [40, 50, 60], [70, 80, 90]]) == [
        [True, True, False, False],
        [True, True, False, False],
        [False, False, False, False],
        [False, False, False, False],
    ]


def test_a_month_with_few_hides_its_sum() -> None:
    """One section alone had cases: the month's sum is as small as they are."""
    hidden = hidden_cells([[3, 0], [20, 30]])
    assert hidden[0][0]
    assert hidden[0][2]
    assert not determined(hidden)


@given(TABLES)
def test_no_hidden_cell_follows_from_all_sums_together(table: list[list[int]]) -> None:
    """Linear algebra over everything that is told finds none."""
    assert not determined(hidden_cells(table))


@given(TABLES)
def test_no_small_cell_is_told_and_no_told_sum_leaves_a_small_rest(table: list[list[int]]) -> None:
    """Nor a sum of 1 to 4."""
    hidden = hidden_cells(table)
    rows = [[*row, sum(row)] for row in table]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    for row, hides in zip(rows, hidden, strict=True):
        assert all(hide or not 0 < count < 5 for count, hide in zip(row, hides, strict=True))
    across = [list(column) for column in zip(*rows, strict=True)]
    hidden_across = [list(column) for column in zip(*hidden, strict=True)]
    for line, hides in [*zip(rows, hidden, strict=True), *zip(across, hidden_across, strict=True)]:
        if not hides[-1]:
            rest = sum(count for count, hide in zip(line[:-1], hides[:-1], strict=True) if hide)
            assert not 0 < rest < 5


@given(TABLES, st.randoms())
def test_tables_that_stand_or_fall_together_are_all_safe(table: list[list[int]], random: object) -> None:
    """Kept and broken of the same promises: neither is told where the other is not."""
    kept = [[random.randint(0, count) for count in row] for row in table]  # type: ignore[attr-defined]
    broken = [
        [count - of for count, of in zip(row, held, strict=True)]
        for row, held in zip(table, kept, strict=True)
    ]
    due = hidden_cells(table)
    hidden = hidden_cells(kept, broken, besides=due)
    assert not determined(hidden)
    for row, line in enumerate(hidden):
        for column, hides in enumerate(line):
            assert hides or not due[row][column]
            if not hides and row < len(table) and column < len(table[0]):
                assert not 0 < kept[row][column] < 5
                assert not 0 < broken[row][column] < 5
