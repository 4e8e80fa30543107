"""What residents attach: which files are taken, what they really are, and links that open them for a while."""

import asyncio
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import filetype

from services.intake import pictures
from services.intake.pictures import BrokenPictureError
from services.intake.validation import tidy_line
from shared.web.i18n import Message

MOST_FILES = 5
MOST_BYTES = 10 * 1024 * 1024
MOST_BYTES_OF_A_FORM = MOST_FILES * MOST_BYTES + 1024 * 1024
LOOKED_AT_AT_ONCE = 2
LINKS_LAST = timedelta(minutes=15)
PATH = "/vedlegg"

ACCEPT = (
    "image/*,.pdf,.txt,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp,.rtf"  # a hint for the chooser only
)

_SHOWN_IN_THE_BROWSER = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
_TEXT = "text/plain"
_OPENXML = "application/vnd.openxmlformats-officedocument"
_OPENDOCUMENT = "application/vnd.oasis.opendocument"
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/avif": (".avif",),
    "image/heic": (".heic", ".heif"),
    "image/tiff": (".tif", ".tiff"),
    "image/bmp": (".bmp",),
    "application/pdf": (".pdf",),
    "application/rtf": (".rtf",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
    "application/vnd.ms-powerpoint": (".ppt",),
    f"{_OPENXML}.wordprocessingml.document": (".docx",),
    f"{_OPENXML}.spreadsheetml.sheet": (".xlsx",),
    f"{_OPENXML}.presentationml.presentation": (".pptx",),
    f"{_OPENDOCUMENT}.text": (".odt",),
    f"{_OPENDOCUMENT}.spreadsheet": (".ods",),
    f"{_OPENDOCUMENT}.presentation": (".odp",),
    _TEXT: (".txt", ".csv", ".md", ".log"),
}
"""What is taken, and how the names of such files may end. A name decides what opens the file once it is saved: the
same text is a letter as `.txt`, and a program as `.bat`."""
_BESIDE = ThreadPoolExecutor(LOOKED_AT_AT_ONCE, thread_name_prefix="attachments")
_LOOKED_AT = 8192
_LONGEST_NAME = 120
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
_UNSAFE_IN_NAMES = re.compile(r"[/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be kept. `media_type` is what its bytes say, whatever its name does."""

    name: str
    media_type: str
    content: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not kept, and why: a text of the catalogue with the file's name."""

    name: str
    why: str

    @property
    def message(self) -> Message:
        """In words."""
        return Message(self.why, {"name": self.name, "most": MOST_FILES, "megabytes": MOST_BYTES // 1024**2})


def look_at(raw_name: str, sent: bytes) -> File | Refused:
    """What a file is, and whether it may be kept; a picture is kept without what it tells beside itself."""
    media_type = media_type_of(sent)
    name = _safe_name(raw_name, _ENDINGS.get(media_type or "", ()))
    if not sent:
        return Refused(name, "file.error.empty")
    if len(sent) > MOST_BYTES:
        return Refused(name, "file.error.too_large")
    if media_type is None:
        return Refused(name, "file.error.type")
    try:
        return File(name, media_type, pictures.cleaned(sent, media_type))
    except BrokenPictureError:
        return Refused(name, "file.error.broken")


async def look_at_all(
    sent: Iterable[tuple[str, bytes]], look: Callable[[str, bytes], File | Refused] = look_at
) -> list[File | Refused]:
    """Looks at files beside the requests, a few at a time: a picture made for it takes half a second."""
    here = asyncio.get_running_loop()
    return [await here.run_in_executor(_BESIDE, look, name, content) for name, content in sent]


def examined(
    looked_at: Sequence[File | Refused], known: Collection[tuple[str, int]] = ()
) -> tuple[list[File], list[Refused]]:
    """Sorts files into what is kept and what is not, which is all beyond `MOST_FILES` too.

    `known`: name and size of the files kept before; one that comes again is neither kept nor refused.
    """
    kept: list[File] = []
    refused: list[Refused] = []
    for file in looked_at:
        if isinstance(file, Refused):
            refused.append(file)
        elif (file.name, file.size) in known:
            continue
        elif len(known) + len(kept) >= MOST_FILES:
            refused.append(Refused(file.name, "file.error.too_many"))
        else:
            kept.append(file)
    return kept, refused


def media_type_of(content: bytes) -> str | None:
    """What a file is by its own bytes: an image, a document or plain text; None for all else."""
    guessed = filetype.guess_mime(content)
    if guessed is None:
        return _TEXT if _is_text(content) else None
    return guessed if guessed in _ENDINGS else None


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # Older Windows programs; every byte above the control characters is a letter there.
        return _CONTROL.search(content[:_LOOKED_AT]) is None
    return True


def _safe_name(name: str, endings: Sequence[str]) -> str:
    """A name without a path or what turns text round, that ends as such files do."""
    plain = _UNSAFE_IN_NAMES.sub("_", tidy_line(name.replace("\\", "/").rsplit("/", 1)[-1])).strip(". ")
    path = PurePosixPath(plain or "fil")
    ending = "" if not endings or path.suffix.lower() in endings else endings[0]
    suffix = path.suffix[: _LONGEST_NAME - len(ending)] + ending
    return path.stem[: _LONGEST_NAME - len(suffix)] + suffix


def is_shown_in_the_browser(media_type: str) -> bool:
    """Whether opening the file shows it; all else is saved, so that nothing in it can run."""
    return media_type in _SHOWN_IN_THE_BROWSER


@dataclass(frozen=True, slots=True)
class FileField:
    """The field of attachments, as a template shows it; `action` is where its form is sent."""

    kept: Sequence[Any]
    refused: Sequence[Refused]
    action: str
    accept: str = ACCEPT
    most: int = MOST_FILES
    megabytes: int = MOST_BYTES // 1024**2

    @property
    def full(self) -> bool:
        """Whether there is no room for more."""
        return len(self.kept) >= self.most


class Links:
    """Addresses that open one attachment until they expire: whoever has one may read it."""

    def __init__(self, secret: str) -> None:
        """Take the services' shared secret (hex digits)."""
        self._key = bytes.fromhex(secret)

    def to(self, attachment_id: UUID, now: datetime) -> str:
        """The path that opens an attachment for a quarter of an hour."""
        until = int((now + LINKS_LAST).timestamp())
        return f"{PATH}/{attachment_id}?til={until}&nokkel={self._signature(attachment_id, until)}"

    def holds(self, attachment_id: UUID, until: int, signature: str, now: datetime) -> bool:
        """Whether a link is ours and has not expired."""
        genuine = hmac.compare_digest(signature.encode(), self._signature(attachment_id, until).encode())
        return genuine and now.timestamp() <= until

    def _signature(self, attachment_id: UUID, until: int) -> str:
        signed = f"attachment {attachment_id} {until}".encode()
        return hmac.new(self._key, signed, sha256).hexdigest()[:32]
