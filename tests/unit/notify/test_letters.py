"""Every mail there is, in every language, says what it must and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest

from services.notify.letters import HERE, Letters
from services.notify.matters import Addressee, Collection, Entry, Matter
from services.notify.messages import MessageKind
from shared import municipality
from shared.catalogue import Catalogue

NOON = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
ASKER = municipality.load("asker")
LETTERS = Letters(ASKER, Catalogue(HERE / "texts"), sender="ikke-svar@asker.example")
DUE, EXPECTED = {"due_on": "2026-11-23"}, {"expected_on": "2026-11-30"}
RESIDENTS: list[tuple[MessageKind, dict[str, str]]] = [
    (MessageKind.RECEIPT, {**DUE, "wanted": "yes"}),
    (MessageKind.RECEIPT, {"wanted": "yes"}),
    (MessageKind.RECEIPT, {}),
    (MessageKind.INTERIM_ANSWER, EXPECTED),
    (MessageKind.INTERIM_ANSWER, {}),
    (MessageKind.ANSWER, {}),
    (MessageKind.ANSWER, {"again": "yes"}),
    (MessageKind.DELAY, {**DUE, **EXPECTED}),
    (MessageKind.DELAYED, {**DUE, **EXPECTED}),
    (MessageKind.QUESTION, {"until": "2026-11-27"}),
    (MessageKind.EXTENDED, DUE),
    *((kind, due)
      for kind in (MessageKind.WAIT_ENDED, MessageKind.RESTARTED, MessageKind.RECLASSIFIED,
                   MessageKind.REOPENED)
      for due in ({}, DUE)),
    (MessageKind.MERGED, {}),
    (MessageKind.RECOMPUTED, {**DUE, "moved_from": "2026-11-20"}),
]  # fmt: skip
ROLES = ("caseworker", "unit_leader", "section_leader", "director")
STAFF: list[tuple[MessageKind, dict[str, str]]] = [
    *((MessageKind.ASSIGNED, {"reason": reason, **due, **unmanned})
      for reason in ("topic", "handed_over") for due in ({}, DUE) for unmanned in ({}, {"unmanned": "yes"})),
    (MessageKind.SUPPLEMENTED, {}),
    (MessageKind.WAIT_ENDED, {}),
    (MessageKind.WAIT_ENDED, DUE),
    *((kind, {**DUE, "role": role})
      for kind in (MessageKind.DUE_SOON, MessageKind.BROKEN, MessageKind.STILL_BROKEN) for role in ROLES),
]  # fmt: skip


def matter(kind: MessageKind, facts: dict[str, str], *, to_resident: bool, **fields: object) -> Matter:
    """A complaint about snow in Heggedal."""
    given: dict[str, object] = {
        "id": UUID(int=7), "kind": kind, "case_id": UUID(int=1), "to_resident": to_resident,
        "reference": "7K3M-92QX", "submission": "complaint", "topic": "vei-og-vinterdrift",
        "area": "heggedal", "unit": "kommunalteknikk-heggedal-dikemark", "person": "linh-pham",
        "facts": facts,
    }  # fmt: skip
    return Matter(**{**given, **fields})  # type: ignore[arg-type]


def addressee(language: str) -> Addressee:
    """Someone with a name that HTML must be careful with."""
    return Addressee(
        address="kari@innbygger.example", name="Kari <Øye> & sønn", language=language,
        link="https://dialog.asker.example/sak/abc", notices="https://dialog.asker.example/sak/abc/varsler",
    )  # fmt: skip


def words(mail: EmailMessage, part: str) -> str:
    """What a reader sees."""
    return mail.get_body((part,)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize(("kind", "facts"), RESIDENTS)
def test_every_mail_to_a_resident_can_be_written(
    kind: MessageKind, facts: dict[str, str], language: str
) -> None:
    """The reference, the way to the case, and whom to ask, in text and HTML alike."""
    mail = LETTERS.mail(matter(kind, facts, to_resident=True), addressee(language), at=NOON)
    for part in ("plain", "html"):
        for needed in (
            "7K3M-92QX",
            "https://dialog.asker.example/sak/abc",
            ASKER.look.phone,
            ASKER.look.name,
        ):
            assert needed in words(mail, part)
    assert "Kari <Øye> & sønn" in words(mail, "plain")
    assert "Kari &lt;Øye&gt; &amp; sønn" in words(mail, "html")
    assert "&amp;" not in words(mail, "plain")
    assert mail["Content-Language"] == language


@pytest.mark.parametrize(("kind", "facts"), STAFF)
def test_every_mail_to_staff_can_be_written(kind: MessageKind, facts: dict[str, str]) -> None:
    """With the case, where it is and what it is about."""
    mail = LETTERS.mail(matter(kind, facts, to_resident=False), addressee("nb"), at=NOON)
    for part in ("plain", "html"):
        assert "Kommunalteknikk Heggedal og Dikemark" in words(mail, part)
        assert "Vei og vinterdrift" in words(mail, part)


def test_a_mail_says_the_conclusion_first_with_weekday_and_date() -> None:
    """As plain language asks."""
    mail = LETTERS.mail(
        matter(MessageKind.DELAY, {**DUE, **EXPECTED}, to_resident=True), addressee("nb"), at=NOON
    )
    greeting, conclusion, *_ = words(mail, "plain").split("\n\n")
    assert greeting == "Hei, Kari <Øye> & sønn!"
    assert conclusion.replace("\n", " ").startswith("Vi lovet deg svar innen mandag 23. november 2026")


@pytest.mark.parametrize(
    "name",
    [
        "Du har vunnet! https://evil.example",
        "Vinn på evil.example nå",
        "Skriv til post@evil.example",
        "Ring 820 12 345",
        "Kari " * 20,
    ],
)
def test_nobody_can_have_us_send_their_own_words_to_a_stranger(name: str) -> None:
    """A form takes anybody's address with anything as a name: what leads somewhere is no greeting."""
    given = replace(addressee("nb"), name=name)
    mail = LETTERS.mail(matter(MessageKind.RECEIPT, {}, to_resident=True), given, at=NOON)
    for part in ("plain", "html"):
        assert name.strip() not in " ".join(words(mail, part).split())
    assert words(mail, "plain").startswith("Hei!\n")


@pytest.mark.parametrize("name", ["Åse Marie", "Per P. Hansen jr.", "O'Brien-Øye", "Kari 2", "张伟"])
def test_people_are_greeted_by_their_names(name: str) -> None:
    """Whatever letters they are written with."""
    given = replace(addressee("nb"), name=name)
    mail = LETTERS.mail(matter(MessageKind.RECEIPT, {}, to_resident=True), given, at=NOON)
    assert words(mail, "plain").startswith(f"Hei, {name}!\n")


def test_the_same_message_is_the_same_mail_at_each_try() -> None:
    """Message-ID and thread depend on the message alone; Date is the clock's."""
    tries = [
        LETTERS.mail(matter(MessageKind.ANSWER, {}, to_resident=True), addressee("nb"), at=NOON)
        for _ in range(2)
    ]
    assert tries[0]["Message-ID"] == tries[1]["Message-ID"] == f"<{UUID(int=7)}@asker.example>"
    assert tries[0]["References"] == tries[1]["References"]
    assert tries[0]["Date"] == "Thu, 19 Nov 2026 12:00:00 +0100"
    assert tries[0]["Reply-To"].endswith("<post@asker.example>")


def test_what_an_older_configuration_knew_is_no_obstacle() -> None:
    """A topic, unit, person and area that are gone, and a language nobody has."""
    gone = matter(
        MessageKind.BROKEN, {**DUE, "role": "unit_leader"}, to_resident=False,
        topic="gone", unit="gone", person="gone", area="gone",
    )  # fmt: skip
    assert "Asker kommune" in words(LETTERS.mail(gone, addressee("se"), at=NOON), "plain")


def test_a_mail_is_plain_ascii_on_the_wire() -> None:
    """Any mail server takes it; no line is too long."""
    mail = LETTERS.mail(matter(MessageKind.RECEIPT, DUE, to_resident=True), addressee("nn"), at=NOON)
    wire = mail.as_bytes()
    assert wire.isascii()
    assert max(map(len, wire.splitlines())) < 998


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_digest_can_be_written_the_worst_first(language: str) -> None:
    """In every language, with what an older configuration knew, and its own thread."""
    kinds = (MessageKind.DUE_SOON, MessageKind.BROKEN, MessageKind.STILL_BROKEN)
    entries = [
        Entry(
            kind=kind, reference=f"7K3M-92Q{number}", topic=topic, unit=topic and "gone",
            due_on=date(2026, 11, 23), link=f"https://dialog.asker.example/saksbehandling/sak/{number}",
        )
        for number, (kind, topic) in enumerate(zip(kinds, ("vei-og-vinterdrift", "gone", None), strict=True))
    ]  # fmt: skip
    mail = LETTERS.digest(Collection(id=UUID(int=9), entries=entries), addressee(language), at=NOON)
    for part in ("plain", "html"):
        said = words(mail, part)
        places = [said.index(entry.reference) for entry in entries]
        assert places == sorted(places, reverse=True)
        assert "Asker kommune" in said
    assert mail["Message-ID"] == f"<{UUID(int=9)}@asker.example>"
    assert mail["References"] is None


def test_a_digest_of_very_many_lists_the_first_and_counts_the_rest() -> None:
    """No mail becomes too large for its reader, or for a mail server."""
    entries = [
        Entry(
            kind=MessageKind.BROKEN, reference=f"R{number:04}", topic=None, unit=None,
            due_on=date(2026, 11, 23), link=f"https://dialog.asker.example/{number}",
        )
        for number in range(1052)
    ]  # fmt: skip
    mail = LETTERS.digest(Collection(id=UUID(int=9), entries=entries), addressee("nb"), at=NOON)
    for part in ("plain", "html"):
        said = words(mail, part).replace("\xa0", " ")
        assert "R0049" in said
        assert "R0050" not in said
        assert "og 1 002 saker til i sakslisten" in said
    assert mail["Subject"].replace("\xa0", " ") == "1 052 saker trenger oppfølging"
