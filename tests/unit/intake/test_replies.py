"""What a resident wrote in a reply, told from what her mail program put beside it."""

import time
from email.message import EmailMessage

import pytest

from services.intake import replies
from services.intake.replies import AutomaticMailError

SENDER = "kari@innbygger.example"
OURS = "Asker kommune <svar+1@svar.asker.example>"


def mail(text: str, **headers: str) -> EmailMessage:
    """A reply in plain text."""
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = (
        SENDER,
        "SV: Spørsmål om saken din",
        "<1@innbygger.example>",
    )
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


@pytest.mark.parametrize(
    "quoted",
    [
        "",
        f"\n\nDen lør. 21. nov. 2026 kl. 10:12 skrev {OURS}:\n\n> Hei\n> Hvilken vei gjelder det?\n",
        f"\n\n21. nov. 2026 kl. 10:12 skrev {OURS}:\n\n> Hei\n",
        f"\n\nFra: {OURS}\nSendt: lørdag 21. november 2026 10:12\nTil: Kari\nEmne: Spørsmål\n\nHei\n",
        f"\n\nOn Sat, Nov 21, 2026 at 10:12 AM {OURS} wrote:\n> Hei\n",
    ],
)
def test_her_own_words_are_told_from_what_she_quotes(quoted: str) -> None:
    """The ways of the mail programs that residents have."""
    reply = replies.read(mail(f"Det er veien forbi skolen.{quoted}").as_bytes(), sender=SENDER)
    assert reply.text.strip() == "Det er veien forbi skolen."
    assert reply.id == "<1@innbygger.example>"


def test_a_mail_of_html_alone_gives_its_words_and_no_quotation() -> None:
    """Scripts, styles and what she quotes are left out."""
    made = EmailMessage()
    made["From"] = SENDER
    made.set_content(
        "<html><head><base href='x'><style>p{}</style></head><body><p>Veien forbi skolen.</p>"
        "<blockquote><p>Hvilken<br>vei?<blockquote><p>Hei<wbr></blockquote></blockquote>"
        "<div>Hilsen Kari</div></body></html>",
        subtype="html",
    )
    reply = replies.read(made.as_bytes(), sender=SENDER)
    assert reply.text.split("\n") == ["Veien forbi skolen.", "Hilsen Kari"]


def test_a_photograph_in_the_text_is_a_file() -> None:
    """Phones put them there without calling them attachments."""
    made = mail("Se bildet.")
    made.make_mixed()
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="vei.png", disposition="inline")
    assert replies.read(made.as_bytes(), sender=SENDER).files == (("vei.png", b"\x89PNG"),)


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"Auto_Submitted": "auto-replied"}, SENDER),
        ({"Auto_Submitted": "auto-generated; owner=x"}, SENDER),
        ({"Precedence": "bulk"}, SENDER),
        ({}, ""),
        ({}, None),
    ],
)
def test_what_a_machine_sent_is_no_reply(headers: dict[str, str], sender: str | None) -> None:
    """An out-of-office message must not look as if the resident had answered."""
    with pytest.raises(AutomaticMailError):
        replies.read(mail("Jeg er på ferie.", **headers).as_bytes(), sender=sender)


def test_a_charset_nobody_knows_is_read_as_well_as_can_be() -> None:
    """Better a wrong letter than a lost answer."""
    raw = b"From: k@x.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\nVeien forbi skolen\r\n"
    assert replies.read(raw, sender=SENDER).text.strip() == "Veien forbi skolen"


def test_a_mail_without_an_id_is_known_by_its_content() -> None:
    """The same bytes again are the same reply."""
    made = mail("Hei")
    del made["Message-ID"]
    assert replies.read(made.as_bytes(), sender=SENDER) == replies.read(made.as_bytes(), sender=SENDER)


@pytest.mark.parametrize("message_id", [b"<", b"<[1]@innbygger.example", b"<1@innbygger.example>\x00"])
def test_a_mail_whose_identity_is_badly_written_is_read_all_the_same(message_id: bytes) -> None:
    """What cannot be read at all would come again for days, and then be sent back."""
    reply = replies.read(b"Message-ID: " + message_id + b"\r\n\r\nVeien forbi skolen.", sender=SENDER)
    assert reply.text == "Veien forbi skolen."
    assert reply.id == message_id.decode()


def test_long_lines_and_blank_ones_are_kept_as_they_were_written() -> None:
    """Mail programs write a paragraph as one line."""
    written = "Hun sa at " + "det er veien forbi skolen " * 40 + "som ikke er brøytet.\n\nHilsen meg"
    reply = replies.read(
        mail(f"{written}\n\nOn 21 Nov 2026 {OURS} wrote:\n> Hei\n").as_bytes(), sender=SENDER
    )
    assert reply.text == written


@pytest.mark.parametrize(
    ("subtype", "endless"),
    [
        ("plain", "\n"),
        ("plain", "On "),
        ("plain", "Den "),
        ("html", "<div>"),
        ("html", "<a "),
        ("html", "<!--"),
        ("html", "<![foo["),
        ("html", "<style>"),
    ],
)
def test_no_mail_takes_minutes_to_read(subtype: str, endless: str) -> None:
    """Made up to keep the service busy: read in time that grows with it, not with its square."""
    began = time.process_time()
    header = f"Message-ID: <1@x.example>\r\nContent-Type: text/{subtype}\r\n\r\n"
    replies.read((header + endless * (100_000 // len(endless))).encode(), sender=SENDER)
    assert time.process_time() - began < 5


def test_words_after_a_sign_that_is_no_tag_are_kept() -> None:
    """Some mail programs write a heart as it is typed."""
    made = EmailMessage()
    made["From"] = SENDER
    made.set_content("<p>5 < 6 og <3</p><!-- usynlig <p> --><p>Hei<![endif]--></p>", subtype="html")
    reply = replies.read(made.as_bytes(), sender=SENDER)
    assert reply.text.split("\n") == ["5 < 6 og <3", "Hei"]


def test_a_report_of_a_delivery_is_no_reply() -> None:
    """Some mail servers and programs send them in a person's name."""
    made = mail("Meldingen er lest.")
    made.make_mixed()
    made.set_type("multipart/report")
    with pytest.raises(AutomaticMailError):
        replies.read(made.as_bytes(), sender=SENDER)
