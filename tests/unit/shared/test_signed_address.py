"""Addresses that nobody but us can make."""

from uuid import UUID, uuid4

import pytest

from shared.signed_address import REPLY, ForgedAddressError, SignedAddresses, UnknownAddressError

CASE = UUID("0197a1f0-0000-7000-8000-000000000001")
ADDRESSES = SignedAddresses(REPLY, "ab" * 32, "svar.asker.example")


def test_an_address_gives_back_what_it_was_made_of() -> None:
    """Also where a mail server on the way has changed the capitals."""
    assert ADDRESSES.read(ADDRESSES.of(CASE)) == CASE
    assert ADDRESSES.read(ADDRESSES.of(CASE).upper()) == CASE


def test_an_address_fits_into_a_mail() -> None:
    """What stands before the @ has 64 characters at the most (RFC 5321, 4.5.3.1.1)."""
    assert len(ADDRESSES.of(CASE).partition("@")[0]) <= 64


@pytest.mark.parametrize(
    "address", ["", "svar@svar.asker.example", "svar+1.abc@svar.asker.example", "post@asker.example"]
)
def test_what_we_never_made_is_unknown(address: str) -> None:
    """Ordinary addresses are nobody's case."""
    with pytest.raises(UnknownAddressError):
        ADDRESSES.read(address)


@pytest.mark.parametrize("lookalike", ["\N{KELVIN SIGN}", "\N{LATIN SMALL LETTER LONG S}"])
def test_letters_that_only_look_like_ours_are_unknown(lookalike: str) -> None:
    """Unicode counts them as capitals of k and s; the comparison of signatures takes ASCII alone."""
    local_part, _, domain = ADDRESSES.of(CASE).rpartition("@")
    with pytest.raises(UnknownAddressError):
        ADDRESSES.read(f"{local_part[:-1]}{lookalike}@{domain}")


def test_another_domain_is_not_ours() -> None:
    """The right local part at another domain is somebody else's."""
    with pytest.raises(UnknownAddressError):
        ADDRESSES.read(ADDRESSES.of(CASE).replace("svar.asker", "svar.elsewhere"))


@pytest.mark.parametrize(
    "other",
    [
        SignedAddresses(REPLY, "cd" * 32, "svar.asker.example"),
        SignedAddresses("svar", "", "svar.asker.example"),
    ],
)
def test_a_signature_of_another_secret_is_a_forgery(other: SignedAddresses) -> None:
    """Who does not know the secret cannot make one."""
    with pytest.raises(ForgedAddressError):
        ADDRESSES.read(other.of(CASE))


def test_a_signature_of_another_case_is_a_forgery() -> None:
    """One's own address does not open another's case."""
    mine = ADDRESSES.of(CASE).rpartition(".asker")[0]
    another = uuid4()
    with pytest.raises(ForgedAddressError):
        ADDRESSES.read(f"{mine.replace(CASE.hex, another.hex)}.asker.example")
