"""Who is signed in, and where they go afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.web.session import (
    SESSION_COOKIE,
    ChoosePerson,
    Seal,
    Session,
    SignedIn,
    SignInNeededError,
    safe_next,
)

SECRET = "0123456789abcdef" * 4
NOW = datetime(2026, 12, 18, 13, 3, tzinfo=UTC)
KARI = SignedIn("kari", "Kari Nordmann", ("caseworker", "leader"), "kultur")


def test_who_signed_in_is_read_back() -> None:
    """The cookie holds the person, and scripts and other sites never get it."""
    session = Session(SECRET, secure=True)
    cookie = session.begin(KARI, NOW)
    assert session.person({SESSION_COOKIE: str(cookie.value)}, NOW + timedelta(hours=9)) == KARI
    assert (cookie.httponly, cookie.secure, cookie.samesite) == (True, True, "lax")
    assert "kari" not in str(cookie.value)


@pytest.mark.parametrize("later", [timedelta(hours=10, seconds=1), timedelta(days=3)])
def test_a_session_ends_after_ten_hours(later: timedelta) -> None:
    """A forgotten browser is signed out by the evening."""
    session = Session(SECRET, secure=False)
    cookie = session.begin(KARI, NOW)
    assert session.person({SESSION_COOKIE: str(cookie.value)}, NOW + later) is None


def test_a_changed_or_foreign_cookie_is_nobody() -> None:
    """A cookie changed by one character, of another stack, or of rubbish signs nobody in."""
    session = Session(SECRET, secure=False)
    value = str(session.begin(KARI, NOW).value)
    changed = value[:-5] + ("A" if value[-5] != "A" else "B") + value[-4:]
    foreign = str(Session("ff" * 32, secure=False).begin(KARI, NOW).value)
    for bad in (changed, foreign, "", "æ", "x" * 100):
        assert session.person({SESSION_COOKIE: bad}, NOW) is None
    assert session.person({}, NOW) is None


def test_signing_out_empties_the_cookie() -> None:
    """The browser forgets it at once."""
    cookie = Session(SECRET, secure=False).end()
    assert (cookie.value, cookie.max_age) == ("", 0)


def test_a_seal_opens_only_for_its_purpose() -> None:
    """What was sealed for one thing is worth nothing for another."""
    sealed = Seal(SECRET, "draft").close({"a": 1}, NOW)
    assert Seal(SECRET, "draft").open(sealed, NOW, timedelta(hours=1)) == {"a": 1}
    assert Seal(SECRET, "session").open(sealed, NOW, timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/saksbehandling/sak/7K3M-92QX?fane=svar", "/saksbehandling/sak/7K3M-92QX?fane=svar"),
        ("/innsikt", "/innsikt"),
        (None, "/saksbehandling"),
        ("", "/saksbehandling"),
        ("https://elsewhere.example/", "/saksbehandling"),
        ("//elsewhere.example/", "/saksbehandling"),
        ("/\\elsewhere.example", "/saksbehandling"),
        ("/\t/elsewhere.example", "/saksbehandling"),
        ("javascript:alert(1)", "/saksbehandling"),
        ("saksbehandling", "/saksbehandling"),
    ],
)
def test_signing_in_leads_nowhere_but_here(wanted: str | None, goes_to: str) -> None:
    """A link to the sign-in page cannot send people to another site."""
    assert safe_next(wanted) == goes_to


def test_the_sign_in_page_is_told_the_way_back() -> None:
    """The address is quoted whole."""
    assert SignInNeededError("/innsikt?fra=2026-01-01&til=2026-02-01").address == (
        "/saksbehandling/logg-inn?neste=/innsikt%3Ffra%3D2026-01-01%26til%3D2026-02-01"
    )


async def test_a_person_is_chosen_by_id() -> None:
    """On the embedded stack; an id nobody has is nobody."""
    sign_in = ChoosePerson([KARI])
    assert await sign_in.person({"person": "kari"}) == KARI
    assert await sign_in.person({"person": "ola"}) is None
    assert list(sign_in.choices()) == [KARI]
    assert await sign_in.redirect_address("/innsikt") is None
    assert KARI.has_role("leader", "admin")
    assert not KARI.has_role("admin")
