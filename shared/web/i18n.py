"""The words of one visit: which language a visitor reads, and texts, days and numbers in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Protocol

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from shared.clock import OSLO, NaiveInstantError

LANGUAGE_COOKIE = "sprak"
NORWEGIAN = "no"
NO_FIGURE = "\N{EN DASH}"
WRITTEN = 20_000
"""Numbers whose words are kept: a table of all units has a thousand, the same at each look."""

_DAY = {"nb": "EEEE d. MMMM y", "nn": "EEEE d. MMMM y", "en": "EEEE d MMMM y"}
_DAY_SHORT = {"nb": "d. MMM y", "nn": "d. MMM y", "en": "d MMM y"}


class Texts(Protocol):
    """What is needed of `shared.catalogue.Catalogue`."""

    def template(self, language: str, key: str, count: object = None) -> str:
        """Give the text with its placeholders unfilled."""
        ...


@dataclass(frozen=True)
class Message:
    """A text to be said later, when the reader's language is known: an error of a field, for instance."""

    key: str
    placeholders: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Wording:
    """Texts, days and numbers in one language. Days and instants are said in Oslo time."""

    texts: Texts
    language: str

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)

    def t(self, key: str, /, **placeholders: object) -> Markup:
        """Say a text of the catalogue, safe to put into HTML.

        The text and what fills its placeholders are escaped; a placeholder that is `Markup` (a link, say)
        is not. With `count`, the plural form is chosen and `{count}` is written as a number of the language.

        :raises KeyError: no such text, or a placeholder was not given.
        """
        return escape(self._template(key, placeholders)).format_map(self._shown(placeholders))

    def text(self, key: str, /, **placeholders: object) -> str:
        """Say a text of the catalogue as plain text, for what is not HTML."""
        return self._template(key, placeholders).format_map(self._shown(placeholders))

    def tell(self, message: Message | str) -> str:
        """Say a message; words that are already said are given back, escaped for HTML."""
        return (
            self.t(message.key, **message.placeholders) if isinstance(message, Message) else escape(message)
        )

    def tell_plainly(self, message: Message | str) -> str:
        """Say a message as plain text."""
        return self.text(message.key, **message.placeholders) if isinstance(message, Message) else message

    def day(self, day: date) -> str:
        """Friday 18 December 2026."""
        return format_date(_in_oslo(day), _DAY[self.language], locale=self._locale)

    def day_short(self, day: date) -> str:
        """18 Dec 2026."""
        return format_date(_in_oslo(day), _DAY_SHORT[self.language], locale=self._locale)

    def clock(self, instant: datetime) -> str:
        """14.03 in Norwegian, 14:03 in English."""
        return _oslo(instant).strftime("%H:%M" if self.language == "en" else "%H.%M")

    def moment(self, instant: datetime) -> str:
        """Friday 18 December 2026 at 14:03."""
        return self.text("time.day_at", day=self.day(instant), clock=self.clock(instant))

    def when(self, instant: datetime, now: datetime) -> str:
        """When something happened, as people say it: today and yesterday with the clock, else the day."""
        match (_oslo(now).date() - _oslo(instant).date()).days:
            case 0:
                return self.text("time.today_at", clock=self.clock(instant))
            case 1:
                return self.text("time.yesterday_at", clock=self.clock(instant))
            case _:
                return self.text("time.day_at", day=self.day_short(instant), clock=self.clock(instant))

    def until(self, day: date, today: date) -> str:
        """How far away a day is: today, tomorrow, in 3 days, 2 days ago."""
        match days := (_in_oslo(day) - _in_oslo(today)).days:
            case 0:
                return self.text("time.today")
            case 1:
                return self.text("time.tomorrow")
            case -1:
                return self.text("time.yesterday")
            case _ if days > 0:
                return self.text("time.in_days", count=days)
            case _:
                return self.text("time.days_ago", count=-days)

    def n(self, number: float | None, decimals: int = 1) -> str:
        """Write a number with at most so many decimals; a dash where there is none."""
        if number is None:
            return NO_FIGURE
        # Nought has no sign.
        return _written(round(number, decimals) + 0, self.language)

    def pct(self, share: float | None) -> str:
        """Write a share from 0 to 1 in whole per cent; a dash where there is none."""
        return NO_FIGURE if share is None else _written_percent(share, self.language)

    def _template(self, key: str, placeholders: Mapping[str, object]) -> str:
        return self.texts.template(self.language, key, placeholders.get("count"))

    def _shown(self, placeholders: Mapping[str, object]) -> dict[str, object]:
        count = placeholders.get("count")
        return (
            {**placeholders, "count": self.n(count)} if isinstance(count, int | float) else {**placeholders}
        )


@lru_cache(maxsize=WRITTEN)
def _written(number: float, language: str) -> str:
    return format_decimal(number, locale=language)


@lru_cache(maxsize=WRITTEN)
def _written_percent(share: float, language: str) -> str:
    return format_percent(share, locale=language)


def negotiate(
    *, asked: str | None, remembered: str | None, accepted: str | None, offered: Sequence[str], default: str
) -> str:
    """Choose the language: what the visitor asks for now, chose before, or set in the browser, in this order.

    :param accepted: the `Accept-Language` header; plain Norwegian (`no`) counts as bokmål.
    """
    for choice in (asked, remembered, *_by_preference(accepted or "")):
        if choice in offered:
            return str(choice)
    return default


def _by_preference(header: str) -> list[str]:
    weighted = []
    for position, part in enumerate(header.split(",")):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        primary = tag.strip().lower().split("-")[0]
        if primary and weight > 0:
            weighted.append((-weight, position, "nb" if primary == NORWEGIAN else primary))
    return [language for _, _, language in sorted(weighted)]


def _oslo(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise NaiveInstantError(instant)
    return instant.astimezone(OSLO)


def _in_oslo(day: date) -> date:
    return _oslo(day).date() if isinstance(day, datetime) else day
