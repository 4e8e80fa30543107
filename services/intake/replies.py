"""What a resident wrote in a reply to one of our mails: her own words without what she quotes, and her files."""

import email
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from html.parser import HTMLParser
from typing import cast

from mailparser_reply import EmailReplyParser

_LANGUAGES = ["da", "sv", "en"]
"""How mail programs introduce a quotation; the Danish and the Swedish way are the Norwegian ones too."""
_UNSEEN = frozenset({"head", "style", "script", "title", "blockquote"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_LONGEST_READ = 50_000
"""Characters of a mail that are looked at: far more than a reply may have, and what she quotes comes after it.

What comes in is read in time that grows with it, and not with its square, whatever somebody makes up.
"""
_LONGEST_HTML_READ = 500_000
_NOT_SHOWN = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)|<style\b.*?(?:</style\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
# A "<" that no ">" follows; the parser would look for one to the end of the mail, and for the next again.
_NO_TAG = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_LINE, _LINE_GOES_ON = 300, "\ue000\n\ue000"
"""Characters that the parser gets as one line, and what stands where a longer one was cut."""
_MANY_BLANK_LINES = re.compile(r"\n\s*\n\s*\n")


class AutomaticMailError(ValueError):
    """Nobody wrote this: an out-of-office message or a list's mail (RFC 3834)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply. `id` is the same for the same mail, however often it is delivered."""

    id: str
    text: str
    files: tuple[tuple[str, bytes], ...]


def read(content: bytes, *, sender: str | None) -> Reply:
    """Reads a mail as it came over SMTP; `sender` is the envelope's.

    :raises AutomaticMailError: a machine sent it.
    """
    mail = email.message_from_bytes(content, _class=EmailMessage, policy=default)
    if _is_automatic(mail, sender):
        raise AutomaticMailError
    return Reply(
        id=_message_id(mail) or sha256(content).hexdigest(),
        text=_her_own(_words(mail)[:_LONGEST_READ]),
        files=tuple(_files(mail)),
    )


def _her_own(words: str) -> str:
    """What stands before the quotation. The parser reads long lines and many blank ones for minutes: it gets neither."""
    lines = _MANY_BLANK_LINES.sub("\n\n", words).split("\n")
    short = (_LINE_GOES_ON.join(line[at : at + _LINE] for at in range(0, len(line), _LINE)) for line in lines)
    found = EmailReplyParser(languages=_LANGUAGES).parse_reply(text="\n".join(short)) or ""
    return found.replace(_LINE_GOES_ON, "")


def _is_automatic(mail: EmailMessage, sender: str | None) -> bool:
    automatic = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower() != "no"
    bulk = str(mail.get("Precedence", "")).strip().lower() in _BULK
    # Of a delivery or of a reading (RFC 3464, RFC 8098); not all who send them say that nobody wrote them.
    report = mail.get_content_type() == "multipart/report"
    return automatic or bulk or report or not sender


def _message_id(mail: EmailMessage) -> str:
    """As it stands in the header: Python's own reading of it stumbles over what other programs write."""
    raw = next((value for name, value in mail.raw_items() if name.lower() == "message-id"), "")
    return " ".join(str(raw).split())


def _words(mail: EmailMessage) -> str:
    body = cast("EmailMessage | None", mail.get_body(("plain", "html")))
    if body is None:
        return ""
    try:
        words = str(body.get_content())
    except (LookupError, UnicodeError):  # a charset nobody knows
        words = (body.get_payload(decode=True) or b"").decode("latin-1")  # type: ignore[union-attr]
    return _Plain.of(words) if body.get_content_subtype() == "html" else words


def _files(mail: EmailMessage) -> list[tuple[str, bytes]]:
    """Everything with a name: phones put photographs into the text."""
    body = mail.get_body(("plain", "html"))
    found = []
    for part in mail.walk():
        name = part.get_filename()
        if part is not body and name and not part.is_multipart():
            found.append((name, cast("bytes", part.get_payload(decode=True) or b"")))
    return found


class _Plain(HTMLParser):
    """The words of an HTML mail up to its quotation, with a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self._said: list[str] = []
        self._unseen_in: str | None = None
        self._depth = 0

    @classmethod
    def of(cls, html: str) -> str:
        reader = cls()
        shown = _NOT_SHOWN.sub("", html[:_LONGEST_HTML_READ])
        reader.feed(_NO_TAG.sub("&lt;", shown))
        reader.close()
        return "".join(reader._said)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line; what is quoted is not hers."""
        if tag == self._unseen_in:
            self._depth += 1
        elif self._unseen_in is None and tag in _UNSEEN:
            self._unseen_in, self._depth = tag, 1
        elif tag in _BREAKS and self._unseen_in is None:
            self._said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """What was left out ends with its own tag: others may stand open in it, as HTML allows."""
        if tag == self._unseen_in:
            self._depth -= 1
            if not self._depth:
                self._unseen_in = None

    def handle_data(self, data: str) -> None:
        """Words, if they are seen."""
        if self._unseen_in is None:
            self._said.append(data)
