"""What may be sent, field by field: the same for the form and the API."""

import pytest

from services.intake.submissions import Contact
from services.intake.validation import InvalidSubmissionError, Typed, checked, faults, text_fault, tidy
from shared import municipality
from shared.events import Channel, Kind
from shared.municipality import Municipality


@pytest.fixture(scope="module")
def asker() -> Municipality:
    """A municipality with topics and areas."""
    return municipality.load("asker")


def complaint(**typed: object) -> Typed:
    """A complaint in order, but for what a test says."""
    given = {"text": "Veien er ikke brøytet.", "reply_wanted": False, **typed}
    return Typed(kind=Kind.COMPLAINT, **given)  # type: ignore[arg-type]


def wrong(typed: Typed, asker: Municipality, *, contact_needed: bool = True) -> dict[str, str]:
    """The fields with something wrong, each with its text's key."""
    return {
        name: message.key for name, message in faults(typed, asker, contact_needed=contact_needed).items()
    }


def test_what_is_in_order_is_tidied(asker: Municipality) -> None:
    """Line breaks, blanks, control characters and the phone number get their one form."""
    typed = complaint(
        text="  Første\r\nandre\rtredje\x00\x1b \n",
        topic="vei-og-vinterdrift",
        area="heggedal",
        reply_wanted=True,
        name="  Kari \n Nordmann ",
        email=" kari@innbygger.example ",
        phone="0047 900 00 000",
    )
    new = checked(typed, asker, channel=Channel.WEB, language="nb", contact_needed=True)
    assert new.text == "Første\nandre\ntredje"
    assert new.contact == Contact("Kari Nordmann", "kari@innbygger.example", "+4790000000")
    assert (new.topic, new.area, new.reply_wanted) == ("vei-og-vinterdrift", "heggedal", True)


def test_what_is_left_out_is_nothing(asker: Municipality) -> None:
    """No topic, no area, no contact."""
    new = checked(complaint(), asker, channel=Channel.API, language="en", contact_needed=False)
    assert (new.topic, new.area, new.contact) == (None, None, None)


def test_a_text_may_have_ten_thousand_characters_and_not_one_more(asker: Municipality) -> None:
    """A line break counts as one, and the message says how many are too many."""
    assert wrong(complaint(text="å" * 9_999 + "\r\n" + "  "), asker) == {}
    assert wrong(complaint(text="å" * 4_999 + "\r\n" + "å" * 5_000), asker) == {}
    found = faults(complaint(text="å" * 10_003), asker, contact_needed=True)["text"]
    assert found.placeholders == {"count": 3}


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_text_is_asked_for_in_words_that_fit_the_kind(kind: Kind, asker: Municipality) -> None:
    """Praise, complaint and question ask for different things."""
    typed = Typed(kind=kind, text=" \n\t ", reply_wanted=False)
    assert wrong(typed, asker) == {"text": f"submission.error.text.{kind}"}


def test_an_identity_number_is_noticed_in_the_text_and_the_name(asker: Municipality) -> None:
    """The resident is asked to take it out; it is stored nowhere."""
    typed = complaint(text="Jeg er født 010190 00083.", name="Kari 01019000083")
    assert wrong(typed, asker) == dict.fromkeys(("text", "name"), "submission.error.identity_number")


def test_unknown_topics_and_areas_are_named(asker: Municipality) -> None:
    """Whatever a form or another system sends."""
    assert wrong(complaint(topic="romfart", area="månen"), asker) == {
        "topic": "submission.error.topic",
        "area": "submission.error.area",
    }


@pytest.mark.parametrize(
    "email",
    ["a@b.no", "kari.nordmann+ros@post.sorum.example", "blåbær@øy.example", "a_b-c@x-y.example", "o'k@a.no"],
)
def test_real_addresses_are_taken(email: str, asker: Municipality) -> None:
    """Also with Norwegian letters."""
    assert wrong(complaint(email=email), asker) == {}


@pytest.mark.parametrize(
    "email",
    ["kari", "kari@", "@b.no", "a b@c.no", "a@b", "a@b..no", ".a@b.no", "a.@b.no", "a@-b.no", "a@b.no, c@d.no",
     "Kari <a@b.no>", "a" * 250 + "@b.no"],
)  # fmt: skip
def test_what_is_no_address_is_said_to_be_none(email: str, asker: Municipality) -> None:
    """One address, and nothing but it."""
    assert wrong(complaint(email=email), asker) == {"email": "submission.error.email"}


@pytest.mark.parametrize(
    ("phone", "stored"),
    [("90000000", "+4790000000"), ("22 00 00 00", "+4722000000"), ("+47 900 00 000", "+4790000000"),
     ("0046 70-123 45 67", "+46701234567"), ("(+45) 12 34 56 78", "+4512345678")],
)  # fmt: skip
def test_phone_numbers_get_their_international_form(phone: str, stored: str, asker: Municipality) -> None:
    """Eight digits are Norwegian."""
    typed = complaint(phone=phone, reply_wanted=True)
    new = checked(typed, asker, channel=Channel.WEB, language="nb", contact_needed=True)
    assert new.contact
    assert new.contact.phone == stored


@pytest.mark.parametrize("phone", ["1234567", "12345678", "ring meg", "+47 123", "+0 12345678", "900000001"])
def test_what_is_no_phone_number_is_said_to_be_none(phone: str, asker: Municipality) -> None:
    """Eight digits from 2 to 9, or + and a country's code."""
    assert wrong(complaint(phone=phone), asker) == {"phone": "submission.error.phone"}


def test_whether_an_answer_is_wanted_must_be_said(asker: Municipality) -> None:
    """Nobody's silence is taken for a no."""
    assert wrong(complaint(reply_wanted=None), asker) == {"reply_wanted": "submission.error.reply_wanted"}


def test_the_form_asks_where_an_answer_is_to_go_and_the_api_does_not(asker: Municipality) -> None:
    """Over the API, the case's own address is enough."""
    typed = complaint(reply_wanted=True)
    assert wrong(typed, asker) == {"email": "submission.error.contact"}
    assert wrong(typed, asker, contact_needed=False) == {}
    assert wrong(complaint(reply_wanted=True, phone="90000000"), asker) == {}


def test_all_that_is_wrong_is_told_at_once(asker: Municipality) -> None:
    """In the order of the form."""
    typed = Typed(kind=Kind.PRAISE, topic="x", area="y", email="z", phone="z")
    with pytest.raises(InvalidSubmissionError) as told:
        checked(typed, asker, channel=Channel.WEB, language="nb", contact_needed=True)
    assert list(told.value.faults) == ["topic", "area", "text", "reply_wanted", "email", "phone"]


def test_a_comment_may_be_left_out() -> None:
    """Where nothing is asked for, nothing is missing."""
    assert text_fault("  ", missing=None) is None
    assert tidy("\ud800ok") == "ok"
