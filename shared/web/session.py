"""Who is signed in on the staff's pages: one sealed cookie, read by the desk and the dashboards alike.

A handler that needs somebody asks for `person: SignedIn` (see `shared.web.site`); a visitor who is not
signed in is sent to the sign-in page and comes back afterwards.
"""

import base64
import json
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from litestar.datastructures import Cookie

SESSION_COOKIE = "svarfrist"
SESSION_LENGTH = timedelta(hours=10)
SIGN_IN_PATH = "/saksbehandling/logg-inn"
SIGN_OUT_PATH = "/saksbehandling/logg-ut"
DESK_PATH = "/saksbehandling"


class Seal:
    """Encrypts and signs small data for one purpose: a visitor can carry it, not read or change it."""

    def __init__(self, secret: str, purpose: str) -> None:
        """Derive a key for this purpose from the services' shared secret (hex digits)."""
        key = HKDF(SHA256(), 32, salt=None, info=f"svarfrist {purpose}".encode()).derive(
            bytes.fromhex(secret)
        )
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, data: Mapping[str, Any], at: datetime) -> str:
        """Seal data (what JSON can hold) with the time."""
        return self._fernet.encrypt_at_time(json.dumps(data).encode(), int(at.timestamp())).decode()

    def open(self, sealed: str, at: datetime, longest: timedelta) -> dict[str, Any] | None:
        """Give the data back, or nothing if it was tampered with, sealed for something else, or too old."""
        try:
            content = self._fernet.decrypt_at_time(
                sealed.encode(), int(longest.total_seconds()), int(at.timestamp())
            )
        except (InvalidToken, UnicodeEncodeError):
            return None
        opened = json.loads(content)
        return opened if isinstance(opened, dict) else None


@dataclass(frozen=True)
class SignedIn:
    """A caseworker or leader at work, by the ids of the municipality's configuration."""

    person_id: str
    name: str
    roles: tuple[str, ...] = ()
    unit: str | None = None

    def has_role(self, *roles: str) -> bool:
        """Whether the person has any of these."""
        return not set(roles).isdisjoint(self.roles)


class SignInNeededError(Exception):
    """Nobody is signed in; `back_to` is where the visitor wanted to go.

    `typed` is the form that was sent when the session had ended, so that no word of it is lost.
    """

    def __init__(self, back_to: str, typed: Sequence[tuple[str, str]] = ()) -> None:
        """Keep the way back, and what was typed."""
        super().__init__()
        self.back_to = back_to
        self.typed = tuple(typed)

    @property
    def address(self) -> str:
        """The sign-in page, with the way back."""
        return f"{SIGN_IN_PATH}?neste={quote(safe_next(self.back_to), safe='/')}"


class Session:
    """Writes and reads the cookie of who is signed in."""

    def __init__(
        self,
        secret: str,
        *,
        secure: bool,
        ended: Container[str] = frozenset(),
        new_name: Callable[[], str] = lambda: token_hex(16),
    ) -> None:
        """Take the services' shared secret; `secure` is whether residents reach us by https.

        `ended`: the names of sessions that somebody has signed out of, wherever that was.
        """
        self._seal = Seal(secret, "session")
        self._secure = secure
        self._ended = ended
        self._new_name = new_name

    def begin(self, person: SignedIn, at: datetime) -> Cookie:
        """Make the cookie for a response that signs the person in. Each session has a random name of its own."""
        sealed = self._seal.close({**asdict(person), "session": self._new_name()}, at)
        return self._cookie(sealed, int(SESSION_LENGTH.total_seconds()))

    def end(self) -> Cookie:
        """Make the cookie for a response that signs out; a copy of the old one is ended by its name alone."""
        return self._cookie("", 0)

    def name(self, cookies: Mapping[str, str], at: datetime) -> str | None:
        """The name of the session that a request belongs to, if it is one that is still on."""
        data = self._open(cookies, at)
        return str(data["session"]) if data else None

    def person(self, cookies: Mapping[str, str], at: datetime) -> SignedIn | None:
        """Say who is signed in, if anybody."""
        data = self._open(cookies, at)
        if data is None:
            return None
        return SignedIn(data["person_id"], data["name"], tuple(data["roles"]), data["unit"])

    def _open(self, cookies: Mapping[str, str], at: datetime) -> dict[str, Any] | None:
        data = self._seal.open(cookies.get(SESSION_COOKIE, ""), at, SESSION_LENGTH)
        # One without a name is from before sessions had any, and could not be ended.
        if data is None or "session" not in data or data["session"] in self._ended:
            return None
        return data

    def _cookie(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            key=SESSION_COOKIE,
            value=value,
            max_age=max_age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


class SignIn(Protocol):
    """A way to sign in: choosing a person on the embedded stack, OpenID Connect in production.

    The sign-in page shows `choices()` where there are any, else a link to `redirect_address()`; the page
    that is posted to, or that the provider returns to, hands its parameters to `person()`.
    """

    def choices(self) -> Sequence[SignedIn]:
        """Who may be chosen; nobody where an identity provider decides."""
        ...

    async def redirect_address(self, back_to: str) -> str | None:
        """Where the identity provider is, or nothing where a person is chosen on our own page."""
        ...

    async def person(self, parameters: Mapping[str, str]) -> SignedIn | None:
        """Who has signed in, or nothing where the parameters do not prove it."""
        ...


class ChoosePerson:
    """Sign in by choosing a name: only for a stack that nobody but its owner reaches."""

    def __init__(self, people: Sequence[SignedIn]) -> None:
        """Take those who may be chosen, in the order to show."""
        self._people = {person.person_id: person for person in people}

    def choices(self) -> Sequence[SignedIn]:
        """Everybody."""
        return tuple(self._people.values())

    async def redirect_address(self, back_to: str) -> str | None:  # noqa: ARG002 - the protocol's
        """Nowhere: the choice is made on our own page."""
        return None

    async def person(self, parameters: Mapping[str, str]) -> SignedIn | None:
        """Find the person with the id in `person`."""
        return self._people.get(parameters.get("person", ""))


def safe_next(wanted: str | None, default: str = DESK_PATH) -> str:
    """Where to go after signing in: a path on this site, whatever the link that brought us here says."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable() or "\\" in wanted:
        return default
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or wanted.startswith("//"):
        return default
    return wanted
