"""What a resident wrote in a reply, told from what her mail program put beside it."""

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
