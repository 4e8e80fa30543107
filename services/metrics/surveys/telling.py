"""Results of surveys in tables, charts and files."""

from collections.abc import Sequence

from services.metrics.surveys.questions import HIGHEST, SCALE
from services.metrics.surveys.results import Band, Result
from services.metrics.tables import Row, Shows, Table
from shared.web.charts import Chart, bar
from shared.web.i18n import NO_FIGURE, Wording


def result_table(results: Sequence[Result], say: Wording) -> Table:
    """Mean, number and distribution of each question; what may not be told says so."""
    columns = [
        (say.text("survey.question"), Shows.WORDS),
        (say.text("survey.mean"), Shows.WORDS),
        (say.text("survey.answers"), Shows.WORDS),
        *((f"{step}", Shows.WORDS) for step in SCALE),
        *((say.text(f"survey.band.{band}"), Shows.WORDS) for band in Band),
    ]
    return Table(
        "undersokelse",
        say.text("survey.results"),
        columns,
        [
            Row(
                [
                    say.text(f"survey.question.{one.question}"),
                    say.n(one.mean) if one.n is not None else say.text("survey.hidden"),
                    say.n(one.n, 0) if one.n is not None else say.text("survey.hidden"),
                    *(
                        say.n(one.steps[place], 0) if one.steps else NO_FIGURE
                        for place, _ in enumerate(SCALE)
                    ),
                    *(say.n(one.bands[band], 0) if one.bands else NO_FIGURE for band in Band),
                ]
            )
            for one in results
        ],
    )


def charts(results: Sequence[Result], say: Wording) -> list[Chart]:
    """The means of all questions beside each other; nothing where none may be told."""
    if all(one.mean is None for one in results):
        return []
    return [
        bar(
            say.text("survey.means"),
            [say.text(f"survey.short.{one.question}") for one in results],
            [one.mean for one in results],
            shown=say.n,
            column=(say.text("survey.question"), say.text("survey.mean")),
            note=say.text("survey.scale"),
            most=HIGHEST,
        )
    ]
