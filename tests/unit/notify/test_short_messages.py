"""Text messages fit, in the alphabet that phones share."""

import pytest

from services.notify.matters import Addressee, Matter
from services.notify.messages import MessageKind
from services.notify.short_messages import ShortMessages, TooLongError
from services.notify.sms_text import parts, plain, septets
from shared import municipality
from shared.catalogue import Catalogue
from tests.unit.notify.test_letters import HERE, LETTERS, RESIDENTS, Letters, matter

SORUM = Letters(municipality.load("sorum"), Catalogue(HERE / "texts"), sender="x@sorum.example")
LINK = "https://innbyggerdialog.nordreenkommune.example/sak/" + "x" * 22


def addressee(language: str, link: str = LINK) -> Addressee:
    """A phone."""
    return Addressee(address="+4790000000", name="Kari", language=language, link=link)


def worst(kind: MessageKind, facts: dict[str, str], submission: str) -> Matter:
    """A message with the longest of everything it may say."""
    days = {name: "2026-09-30" for name in facts if name.endswith("_on")}
    return matter(kind, {**facts, **days}, to_resident=True, submission=submission)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("submission", ["praise", "complaint", "question", "appeal"])
@pytest.mark.parametrize(("kind", "facts"), RESIDENTS)
def test_every_message_to_a_resident_is_two_parts_at_the_most_with_nothing_cut(
    kind: MessageKind, facts: dict[str, str], submission: str, language: str
) -> None:
    """With a long address, in both municipalities."""
    for letters in (LETTERS, SORUM):
        text = ShortMessages(letters).text(worst(kind, facts, submission), addressee(language))
        assert text.endswith(f": {LINK}")
        assert parts(text) <= 2
        assert plain(text) == text
        assert "?" not in text


def test_a_text_too_long_loses_words_and_never_its_link() -> None:
    """Where the municipality's own wording is longer than fits."""
    link = "https://dialog.asker.example/sak/" + "x" * 200
    text = ShortMessages(LETTERS).text(
        worst(MessageKind.DELAY, {"due_on": "", "expected_on": ""}, "appeal"), addressee("nb", link)
    )
    assert parts(text) == 2
    assert text.endswith(f" {link}")
    with pytest.raises(TooLongError):
        ShortMessages(LETTERS).text(
            worst(MessageKind.ANSWER, {}, "praise"), addressee("nb", "https://" + "x" * 400)
        )


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Ærlig talt, så å si: øl!", "Ærlig talt, så å si: øl!"),
        ("«Kárášjohka» – čielggas…", '"Karasjohka" - cielggas...'),
        ("Đ ŋ ŧ", "D n t"),
        ("100 € {sum}", "100 € {sum}"),
        ("日本", "??"),
    ],
)
def test_a_text_is_written_in_the_alphabet_that_phones_share(written: str, sent: str) -> None:
    """One character outside it would more than halve what fits."""
    assert plain(written) == sent


def test_room_is_reckoned_as_phones_do() -> None:
    """160 alone, 153 in each part of more; braces and the euro sign take two."""
    assert [parts("x" * length) for length in (1, 160, 161, 306, 307)] == [1, 1, 2, 2, 3]
    assert septets("€{}") == 6
