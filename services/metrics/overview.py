"""The first screen: the key figures with their change in words, and what needs attention."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.metrics.cases import Behind
from services.metrics.dashboard import Insight
from services.metrics.indicators import Dimension, Indicators
from services.metrics.intervals import ENOUGH, difference, wilson
from services.metrics.names import Names
from services.metrics.periods_in_words import name_of
from services.metrics.tables import days, percent, points_between
from shared.web.i18n import Wording

LONG_AGO = 30
"""Days after which an open case is pointed at."""
MOST_NAMED = 3

Count = Callable[[Indicators], int]


@dataclass(frozen=True)
class KeyFigure:
    """One figure: its value, what it is made of, how it was, and the cases behind it.

    `name` is that of its definition, `definition.<name>`.
    """

    name: str
    title: str
    value: str
    note: str
    change: str
    last_year: str
    behind: Behind | None = None
    alarming: bool = False


@dataclass(frozen=True)
class Attention:
    """Something to do about; `behind` are the cases it is about, `by` the groups."""

    words: str
    behind: Behind | None = None
    by: Dimension | None = None


@dataclass(frozen=True)
class Overview:
    """An insight in words."""

    insight: Insight
    names: Names
    say: Wording

    def key_figures(self) -> list[KeyFigure]:
        """Six, the promise first."""
        say, now = self.say, self.insight.now
        promise, satisfaction = now.promise, now.satisfaction
        said = satisfaction.helped + satisfaction.not_helped
        return [
            KeyFigure(
                "promise",
                say.text("insight.promise"),
                percent(say, promise.share),
                say.text("insight.kept_of", kept=say.n(promise.kept), count=promise.due),
                self._share_change(lambda of: (of.promise.kept, of.promise.due)),
                self._was(percent(say, self.insight.last_year.promise.share)),
                Behind.BROKEN if promise.broken else None,
            ),
            KeyFigure(
                "response",
                say.text("insight.response"),
                days(say, now.response.median),
                say.text("insight.p90", days=days(say, now.response.p90)) if now.response.n else "",
                self._days_change(),
                self._was(days(say, self.insight.last_year.response.median)),
                Behind.ANSWERED if now.response.n else None,
            ),
            self._counted("received", lambda of: of.received.total, Behind.RECEIVED, self._kinds(now)),
            self._counted(
                "overdue",
                lambda of: of.backlog.overdue,
                Behind.OVERDUE,
                say.text("insight.of_open", count=now.backlog.open),
                alarming=now.backlog.overdue > 0,
            ),
            self._counted(
                "backlog",
                lambda of: of.backlog.open,
                Behind.OPEN,
                say.text("insight.oldest", days=days(say, now.backlog.oldest_days))
                if now.backlog.open
                else "",
            ),
            KeyFigure(
                "satisfaction",
                say.text("insight.satisfaction"),
                percent(say, satisfaction.share),
                say.text("insight.helped_of", helped=say.n(satisfaction.helped), count=said),
                self._share_change(
                    lambda of: (of.satisfaction.helped, of.satisfaction.helped + of.satisfaction.not_helped)
                ),
                self._was(percent(say, self.insight.last_year.satisfaction.share)),
                Behind.SAID if said else None,
            ),
        ]

    def attention(self, signals: Sequence[str]) -> list[Attention]:
        """What somebody should look at now, the most urgent first; empty where nothing is.

        :param signals: what the newest month of the development says beyond noise.
        """
        return [*self._cases_to_see_to(), *self._groups_apart(), *(Attention(words) for words in signals)]

    def compared_with(self) -> str:
        """Which periods the changes are about."""
        of = self.insight
        before, last_year = name_of(self.say, of.period_before), name_of(self.say, of.period_last_year)
        if before == last_year or _is_nothing(of.last_year):
            return self.say.text("insight.compared_once", before=before)
        return self.say.text("insight.compared", before=before, last_year=last_year)

    def _cases_to_see_to(self) -> Iterator[Attention]:
        say, backlog = self.say, self.insight.now.backlog
        if backlog.overdue:
            where = self._where(lambda of: of.backlog.overdue)
            yield Attention(say.text("attention.overdue", count=backlog.overdue, where=where), Behind.OVERDUE)
        if backlog.due_soon:
            where = self._where(lambda of: of.backlog.due_soon)
            is_over = self.insight.selection.period.last < self.insight.today
            key = "attention.was_due_soon" if is_over else "attention.due_soon"
            yield Attention(say.text(key, count=backlog.due_soon, where=where), Behind.DUE_SOON)
        if backlog.oldest_days is not None and backlog.oldest_days > LONG_AGO:
            yield Attention(say.text("attention.oldest", days=days(say, backlog.oldest_days)), Behind.OPEN)
        by, nowhere = self.insight.selection.by, self.insight.groups.get(None)
        # Cases of another system may have a unit and no section.
        if nowhere and nowhere.backlog.open and by in {Dimension.SECTION, Dimension.UNIT}:
            yield Attention(say.text(f"attention.no_{by}", count=nowhere.backlog.open))

    def _groups_apart(self) -> Iterator[Attention]:
        """The groups that keep fewer promises than the whole, beyond chance."""
        whole = self.insight.now.promise.share
        below = []
        for value in self.names.in_order(self.insight.selection.by, self.insight.groups):
            promise = self.insight.groups[value].promise
            interval = wilson(promise.kept, promise.due)
            if whole is not None and interval and promise.due >= ENOUGH and interval.high < whole:
                below.append(self.names.name(self.insight.selection.by, value))
        if below:
            words = self.say.text("attention.below", groups=", ".join(below), whole=percent(self.say, whole))
            yield Attention(words, by=self.insight.selection.by)

    def _where(self, count: Count) -> str:
        """The groups with the most of them, in brackets; nothing where there are no groups to name."""
        by = self.insight.selection.by
        found = [(count(of), value) for value, of in self.insight.groups.items() if value and count(of)]
        if not found or by == Dimension.KIND:
            return ""
        largest = sorted(found, key=lambda one: (-one[0], one[1]))[:MOST_NAMED]
        named = ", ".join(f"{self.names.name(by, value)} {self.say.n(number)}" for number, value in largest)
        key = "attention.most_in" if len(found) > MOST_NAMED else "attention.in"
        return self.say.text(key, groups=named)

    def _counted(
        self, name: str, count: Count, behind: Behind, note: str, *, alarming: bool = False
    ) -> KeyFigure:
        say, now, before = self.say, count(self.insight.now), count(self.insight.before)
        if _is_nothing(self.insight.before):
            change = say.text("change.nothing_before")
        elif now == before:
            change = say.text("change.same", before=say.n(before))
        else:
            key = "change.more" if now > before else "change.fewer"
            change = say.text(key, count=abs(now - before), before=say.n(before))
        return KeyFigure(
            name,
            say.text(f"insight.{name}"),
            say.n(now),
            note,
            change,
            self._was(say.n(count(self.insight.last_year))),
            behind if now else None,
            alarming=alarming,
        )

    def _share_change(self, counted: Callable[[Indicators], tuple[int, int]]) -> str:
        """How much a share rose, and whether that is more than chance (95 per cent)."""
        say = self.say
        now, before = counted(self.insight.now), counted(self.insight.before)
        if not before[1]:
            return say.text("change.nothing_before")
        if not now[1]:
            return say.text("change.was", before=percent(say, before[0] / before[1]))
        share, share_before = now[0] / now[1], before[0] / before[1]
        risen = points_between(share_before, share)
        shown = percent(say, share_before)
        if not risen:
            same = percent(say, share) == shown
            return say.text("change.same" if same else "change.was", before=shown)
        interval = difference(*now, *before)
        beyond = interval is not None and interval.excludes(0)
        key = f"change.{'higher' if risen > 0 else 'lower'}_{'beyond' if beyond else 'within'}"
        return say.text(key, count=abs(risen), before=shown)

    def _days_change(self) -> str:
        say, now, before = self.say, self.insight.now.response.median, self.insight.before.response.median
        if before is None:
            return say.text("change.nothing_before")
        if now is None:
            return say.text("change.was", before=days(say, before))
        # As the reader reckons it from the two that are shown.
        longer = round(now, 1) - round(before, 1)
        if not round(longer, 1):
            return say.text("change.same", before=days(say, before))
        key = "change.longer" if longer > 0 else "change.shorter"
        return say.text(key, days=days(say, abs(longer)), before=days(say, before))

    def _was(self, value: str) -> str:
        """How it was last year; nothing where there was nothing to count then."""
        if _is_nothing(self.insight.last_year):
            return ""
        return self.say.text("change.last_year", value=value)

    def _kinds(self, of: Indicators) -> str:
        counts = [(kind, getattr(of.received, kind)) for kind in self.names.values(Dimension.KIND)]
        return ", ".join(
            self.say.text(f"insight.count.{kind}", count=count) for kind, count in counts if count
        )


def _is_nothing(of: Indicators) -> bool:
    """Whether there was nothing to count: no nought that anything can be compared with."""
    return not any((of.received.total, of.promise.due, of.response.n, of.backlog.open))
