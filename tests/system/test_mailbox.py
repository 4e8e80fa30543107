"""The local mailbox keeps what it has acknowledged, once, and shows it safely."""

import json
import queue
import signal
import smtplib
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.mailbox.store import Store
from deploy.mailbox.web import in_words, with_links
from deploy.ports import assign
from services.notify import delivery_reports
from tests.system.running_mailbox import RunningMailbox, letter


@pytest.fixture
def mailbox(tmp_path: Path) -> Generator[RunningMailbox]:
    """A mailbox on an empty folder."""
    running = RunningMailbox(tmp_path / "mailbox")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_a_message_can_be_read_in_the_list_and_by_itself(mailbox: RunningMailbox) -> None:
    """From, to and subject in Norwegian, text, HTML and source."""
    mailbox.send(letter())
    (told,) = mailbox.messages()
    assert told["subject"] == "Vi har mottatt henvendelsen din"
    assert told["from"] == "Sørum kommune <ikke-svar@sorum.example>"
    assert told["to"] == ["kari@sorum.example"]
    assert told["deliveries"] == 1
    assert "Vi har mottatt henvendelsen din" in mailbox.get("/postkasse")[0]
    page, _ = mailbox.get(f"/postkasse/melding/{told['id']}")
    assert '<a href="http://localhost:8080/sak/abc1">' in page
    whole = json.loads(mailbox.get(f"/postkasse/api/messages/{told['id']}")[0])
    assert whole["text"].startswith("Hei\n")
    assert "<p>Hei" in whole["html"]
    assert "Message-ID: <1@sorum.example>" in mailbox.get(f"/postkasse/melding/{told['id']}/kilde")[0]


def test_a_message_is_shown_with_its_senders_time(mailbox: RunningMailbox) -> None:
    """On a test clock that is when it was sent; the mailbox itself lives in the present."""
    message = letter()
    message["Date"] = "Fri, 18 Dec 2026 14:03:00 +0100"
    mailbox.send(message)
    (told,) = mailbox.messages()
    assert told["dated"] == "2026-12-18T14:03:00+01:00"
    assert "18. desember 2026 kl. 14.03" in mailbox.get("/postkasse")[0]
    assert "18. desember 2026 kl. 14.03" in mailbox.get(f"/postkasse/melding/{told['id']}")[0]


def test_the_same_message_again_is_one_message_delivered_twice(mailbox: RunningMailbox) -> None:
    """As mail systems suppress duplicates; the first stays, and the count is kept over a restart."""
    mailbox.send(letter(), letter(subject="Noe annet"), letter(2))
    mailbox.stop()
    mailbox.start()
    told = {message["message_id"]: message for message in mailbox.messages()}
    assert {number: message["deliveries"] for number, message in told.items()} == {
        "<1@sorum.example>": 2,
        "<2@sorum.example>": 1,
    }
    assert told["<1@sorum.example>"]["subject"] == "Vi har mottatt henvendelsen din"
    assert "levert 2 ganger" in mailbox.get("/postkasse")[0]


def test_an_acknowledged_message_survives_a_kill_right_after(mailbox: RunningMailbox) -> None:
    """250 means that it is on the disk."""
    mailbox.send(*(letter(number) for number in range(20)))
    mailbox.stop(signal.SIGKILL)
    mailbox.start()
    assert len(mailbox.messages()) == 20


def test_a_message_that_cannot_be_stored_is_refused_so_that_it_is_tried_again(
    mailbox: RunningMailbox,
) -> None:
    """A full disk, here a folder that is gone, is never answered with 250."""
    mailbox.folder.rmdir()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        mailbox.send(letter())
    assert refused.value.smtp_code == 452
    mailbox.folder.mkdir()
    mailbox.send(letter())
    assert [message["deliveries"] for message in mailbox.messages()] == [1]


def test_the_list_is_searched_by_recipient_and_subject_and_has_the_newest_first(
    mailbox: RunningMailbox,
) -> None:
    """In any case, also beyond ASCII."""
    mailbox.send(letter(1), letter(2, to="ola@sorum.example", subject="ØNSKER du mer?"))
    assert [message["message_id"] for message in mailbox.messages()] == [
        "<2@sorum.example>",
        "<1@sorum.example>",
    ]
    assert [message["message_id"] for message in mailbox.messages("KARI@")] == ["<1@sorum.example>"]
    assert [message["message_id"] for message in mailbox.messages("ønsker")] == ["<2@sorum.example>"]
    assert mailbox.messages("ingen") == []
    page, _ = mailbox.get("/postkasse?q=%C3%B8nsker")
    assert "1 melding med «ønsker»" in page


def test_a_letter_in_html_can_neither_run_nor_fetch_anything(mailbox: RunningMailbox) -> None:
    """It is shown in a sandbox, with a policy that forbids everything but its own style."""
    mailbox.send(letter())
    (told,) = mailbox.messages()
    page, headers = mailbox.get(f"/postkasse/melding/{told['id']}")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "default-src 'none'" in headers["content-security-policy"]
    _, headers = mailbox.get(f"/postkasse/melding/{told['id']}/html")
    assert headers["content-security-policy"].startswith("sandbox allow-popups")
    assert "script-src" not in headers["content-security-policy"]


def test_what_a_sender_wrote_is_text_on_the_page(mailbox: RunningMailbox) -> None:
    """A subject is no markup."""
    mailbox.send(letter(subject="<script>alert(1)</script>"))
    (told,) = mailbox.messages()
    for path in ("/postkasse", f"/postkasse/melding/{told['id']}"):
        assert "<script>" not in mailbox.get(path)[0]


def test_a_message_without_an_id_is_kept_by_its_content(tmp_path: Path) -> None:
    """The same content is the same message, other content another."""
    store = Store(tmp_path)
    for content in (b"Subject: a\r\n\r\nx", b"Subject: a\r\n\r\nx", b"Subject: b\r\n\r\nx"):
        store.deliver(
            content, sender="", recipients=["kari@sorum.example"], at=datetime(2026, 12, 18, tzinfo=UTC)
        )
    assert sorted((message.subject, message.deliveries) for message in store.newest_first()) == [
        ("a", 2),
        ("b", 1),
    ]


def test_a_draft_left_by_a_crash_is_no_message(tmp_path: Path) -> None:
    """It was never acknowledged."""
    (tmp_path / "abc.draft").write_bytes(b"Subject: hal")
    assert Store(tmp_path).newest_first() == []
    assert list(tmp_path.iterdir()) == []


def test_an_instant_is_written_as_norwegians_do() -> None:
    """In Oslo, summer time included."""
    assert in_words(datetime(2026, 5, 17, 22, 5, tzinfo=UTC)) == "18. mai 2026 kl. 00.05"


def test_links_in_plain_text_end_before_the_punctuation() -> None:
    """And everything else in it is text."""
    assert with_links("Se http://a.example/x. <b>") == (
        'Se <a href="http://a.example/x">http://a.example/x</a>. &lt;b&gt;'
    )


TEXT = {
    "from": "Asker",
    "to": ["+4790000000"],
    "body": "Asker: Svaret er klart: http://x.example/sak/a",
    "client_reference": "7",
}


def test_a_text_message_is_kept_once_and_shown_as_one(mailbox: RunningMailbox) -> None:
    """As a gateway takes it: 201, a repetition is known by its reference; what is none is refused."""
    assert [mailbox.send_sms(TEXT).status_code for _ in range(2)] == [201, 201]
    (told,) = mailbox.messages("+4790000000")
    assert (told["channel"], told["from"], told["deliveries"]) == ("sms", "Asker", 2)
    assert "<strong>SMS</strong> til +4790000000" in mailbox.get("/postkasse")[0]
    page, _ = mailbox.get(f"/postkasse/melding/{told['id']}")
    assert '<a href="http://x.example/sak/a">' in page
    for wrong in ({}, {**TEXT, "to": []}, [], "text"):
        assert mailbox.send_sms(wrong).status_code == 400
    assert len(mailbox.messages()) == 1


def test_mail_to_the_domain_for_it_comes_back(tmp_path: Path) -> None:
    """Taken with 250, kept, and reported to the envelope's sender as a mail server does; other mail is not."""
    reports: queue.Queue[tuple[str, str]] = queue.Queue()

    class Listener:
        async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
            report = delivery_reports.read(envelope.original_content or b"")
            reports.put((envelope.rcpt_tos[0], f"{envelope.mail_from} {report.failed} {report.status}"))
            return "250 OK"

    listener = Controller(Listener(), hostname="127.0.0.1", port=assign(["bounces"], {})["bounces"])
    listener.start()
    mailbox = RunningMailbox(tmp_path / "mailbox", bounces_port=listener.port)
    try:
        gone = letter(2, to="kari@bounce.example")
        mailbox.send(letter(), gone)
        assert reports.get(timeout=60) == ("ikke-svar@sorum.example", "<> True 5.1.1")
        assert reports.empty()
        assert len(mailbox.messages()) == 2
    finally:
        mailbox.stop()
        listener.stop()
