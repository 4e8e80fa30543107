"""Words, days and numbers as a visitor reads them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from markupsafe import Markup

from shared.catalogue import Catalogue
from shared.web.i18n import NO_FIGURE, Message, Wording, negotiate
from shared.web.site import WEB_TEXTS

TEXTS = Catalogue(WEB_TEXTS)
NB, NN, EN = (Wording(TEXTS, language) for language in ("nb", "nn", "en"))
RECEIVED = datetime(2026, 12, 18, 13, 3, tzinfo=UTC)


class OneText:
    """A catalogue of a single text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def template(self, language: str, key: str, count: object = None) -> str:
        """The text."""
        del language, key, count
        return self.text


def test_a_day_has_its_weekday_in_each_language() -> None:
    """People plan by weekdays."""
    day = date(2026, 12, 18)
    assert (NB.day(day), NN.day(day), EN.day(day)) == (
        "fredag 18. desember 2026",
        "fredag 18. desember 2026",
        "Friday 18 December 2026",
    )
    assert NN.day(date(2026, 12, 19)).startswith("laurdag")


def test_an_instant_is_said_in_oslo_time() -> None:
    """Half past eleven in the evening in UTC is the next day here."""
    instant = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert NB.moment(instant) == "onsdag 1. juli 2026 kl. 00.30"
    assert EN.moment(instant) == "Wednesday 1 July 2026 at 00:30"
    assert NB.day(instant) == "onsdag 1. juli 2026"


def test_an_instant_without_a_zone_is_an_error() -> None:
    """Nobody may guess which clock was meant."""
    with pytest.raises(ValueError, match="zone"):
        NB.moment(datetime(2026, 6, 30))  # noqa: DTZ001 - the fault being tested


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(), "i dag kl. 14.03"),
        (timedelta(hours=15), "i går kl. 23.03"),
        (timedelta(days=2), "16. des. 2026 kl. 14.03"),
    ],
)
def test_what_happened_lately_is_said_as_people_say_it(before: timedelta, said: str) -> None:
    """Today and yesterday by name, by Oslo's midnight; before that the day."""
    assert NB.when(RECEIVED - before, RECEIVED) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "i dag"), (1, "i morgen"), (3, "om 3 dager"), (-1, "i går"), (-2, "for 2 dager siden")],
)
def test_how_far_away_a_day_is(days: int, said: str) -> None:
    """Near days by name, others counted."""
    today = date(2026, 12, 18)
    assert NB.until(today + timedelta(days=days), today) == said


def test_numbers_follow_the_language() -> None:
    """A comma in Norwegian, a point in English, no figure as a dash."""
    assert (NB.n(2.5), EN.n(2.5), NB.n(None)) == ("2,5", "2.5", NO_FIGURE)
    assert NB.n(1234).replace("\N{NO-BREAK SPACE}", " ") == "1 234"
    assert (NB.n(-0.04), NB.n(0)) == ("0", "0")
    assert NB.pct(0.936).replace("\N{NO-BREAK SPACE}", " ") == "94 %"
    assert EN.pct(0.936) == "94%"
    assert NB.pct(None) == NO_FIGURE


def test_what_fills_a_text_is_escaped_and_markup_is_not() -> None:
    """What somebody wrote can never become part of the page; a link we made can."""
    say = Wording(OneText("Ros & ris: {who} {link}"), "nb")
    said = say.t("any", who="<b>Ola</b>", link=Markup('<a href="/">her</a>'))
    assert said == 'Ros &amp; ris: &lt;b&gt;Ola&lt;/b&gt; <a href="/">her</a>'
    assert say.text("any", who="<b>", link="") == "Ros & ris: <b> "


def test_a_placeholder_in_what_fills_a_text_stays_as_it_is() -> None:
    """Braces that a resident wrote are only braces."""
    assert Wording(OneText("{who}"), "nb").t("any", who="{secret}") == "{secret}"


def test_a_message_is_said_when_the_language_is_known() -> None:
    """An error made in the domain is said on the page; words are escaped."""
    assert EN.tell(Message("time.in_days", {"count": 1})) == "in 1 day"
    assert EN.tell("<i>") == "&lt;i&gt;"
    assert EN.tell_plainly("<i>") == "<i>"


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "chosen"),
    [
        ("nn", "en", "nb", "nn"),  # what is asked for now
        (None, "en", "nb", "en"),  # what was chosen before
        (None, None, "en-GB,en;q=0.9", "en"),  # what the browser says
        (None, None, "de, en;q=0.5, nn;q=0.8", "nn"),  # the best of what we have
        (None, None, "no", "nb"),  # plain Norwegian
        (None, None, "en;q=0, nn;q=0.1", "nn"),  # refused
        ("sv", "../etc", "de;q=x", "nb"),  # nothing of use: the municipality's own
        (None, None, None, "nb"),
    ],
)
def test_the_language_is_chosen(
    asked: str | None, remembered: str | None, accepted: str | None, chosen: str
) -> None:
    """By what is asked, remembered and accepted, in this order."""
    assert chosen == negotiate(
        asked=asked,
        remembered=remembered,
        accepted=accepted,
        offered=("nb", "nn", "en"),
        default="nb",
    )
