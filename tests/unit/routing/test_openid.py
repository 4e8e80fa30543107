"""Signing in by an OpenID provider: what proves who somebody is, and what does not."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from services.routing.openid import OpenIdConnect
from services.routing.settings import RoutingSettings
from shared.clock import FixedClock
from shared.web.errors import UnavailableProblem
from shared.web.session import SignedIn

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
ISSUER = "https://id.asker.example"
TOR = SignedIn("tor-kvam", "Tor Kvam", ("caseworker",), "kommunalteknikk")
OURS = {"client_id": "svarfrist", "client_secret": "only-for-tests"}


class Provider:
    """An identity provider as httpx sees it; a test spoils what it is about."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.signing = self.key
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "one"}
        self.discovery: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
        }
        self.claims: dict[str, Any] = {"email": "tor.kvam@asker.example", "email_verified": True}
        self.userinfo: dict[str, Any] = {}
        self.token_status = 200
        self.asked: list[str] = []
        self.token_form: dict[str, list[str]] = {}
        self.nonce = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        self.asked.append(request.url.path)
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.discovery)
            case "/keys":
                return httpx.Response(200, json=KeySet([self.key]).as_dict(private=False))
            case "/token":
                self.token_form = parse_qs(request.content.decode())
                self.token_form["basic"] = [request.headers.get("authorization", "")]
                return httpx.Response(
                    self.token_status, json={"access_token": "a", "id_token": self.id_token()}
                )
            case "/userinfo":
                assert request.headers["authorization"] == "Bearer a"
                return httpx.Response(200, json=self.userinfo)
            case _:
                return httpx.Response(404)

    def id_token(self) -> str:
        """A token that proves who somebody is, but for what a test has changed."""
        at = int(NOW.timestamp())
        claims = {
            "iss": ISSUER, "aud": "svarfrist", "sub": "1234", "iat": at, "exp": at + 300, "nonce": self.nonce,
            **self.claims,
        }  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, kept, self.signing, algorithms=[self.header["alg"]])


class Way:
    """Somebody on the way to the provider and back."""

    def __init__(self, provider: Provider, clock: FixedClock, claim: str = "email") -> None:
        self.provider = provider
        self.clock = clock
        self.sign_in = OpenIdConnect(
            issuer=ISSUER,
            claim=claim,
            redirect_uri="https://svar.asker.example/tilbake",
            secret="ab" * 32,
            clock=clock,
            find={"tor.kvam@asker.example": TOR, "tor-kvam": TOR}.get,
            transport=httpx.MockTransport(provider),
            **OURS,
        )
        self.query: dict[str, str] = {}

    async def go(self) -> dict[str, str]:
        """To the provider; what it is asked."""
        address = await self.sign_in.redirect_address("/saksbehandling")
        assert address
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.provider.nonce = self.query["nonce"]
        return self.query

    async def come_back(self, **changed: str) -> SignedIn | None:
        """With a code."""
        if not self.query:
            await self.go()
        return await self.sign_in.person({"code": "c", "state": self.query["state"], **changed})


@pytest.fixture
def provider() -> Provider:
    """A provider that does everything right."""
    return Provider()


@pytest.fixture
def clock() -> FixedClock:
    """The provider's clock is ours."""
    return FixedClock(NOW)


@pytest.fixture
def way(provider: Provider, clock: FixedClock) -> Way:
    """Somebody who has not yet begun."""
    return Way(provider, clock)


async def test_who_proves_to_be_somebody_is_signed_in(way: Way, provider: Provider) -> None:
    """By the e-mail address; the code is exchanged with the client's secret and the verifier of the question."""
    asked = await way.go()
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert await way.come_back() == TOR
    verifier = provider.token_form["code_verifier"][0]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert digest == asked["code_challenge"]
    assert verifier not in str(asked)
    assert (
        provider.token_form["basic"][0] == "Basic " + base64.b64encode(b"svarfrist:only-for-tests").decode()
    )


SPOILED: dict[str, Callable[[Provider], object]] = {
    "another issuer": lambda one: one.claims.update(iss="https://evil.example"),
    "another client": lambda one: one.claims.update(aud="someone-else"),
    "a token for two, made for the other": lambda one: one.claims.update(
        aud=["svarfrist", "other"], azp="other"
    ),
    "an old token": lambda one: one.claims.update(exp=int(NOW.timestamp()) - 120),
    "a token without an end": lambda one: one.claims.update(exp=None),
    "another question's token": lambda one: one.claims.update(nonce="replayed"),
    "no nonce": lambda one: one.claims.update(nonce=None),
    "an address nobody has verified": lambda one: one.claims.update(email_verified=False),
    "an address nobody has verified, in words": lambda one: one.claims.update(email_verified="false"),
    "somebody we do not know": lambda one: one.claims.update(email="ukjent@asker.example"),
    "a stranger's key": lambda one: setattr(one, "signing", ECKey.generate_key("P-256", {"kid": "one"})),
    "our own secret as key": lambda one: (
        setattr(one, "signing", OctKey.import_key("only-for-tests-and-long-enough-for-it")),
        one.header.update(alg="HS256"),
    ),
    "an unknown key": lambda one: one.header.update(kid="two"),
    "a refusal": lambda one: setattr(one, "token_status", 400),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
async def test_what_does_not_prove_it_signs_nobody_in(
    way: Way, provider: Provider, spoil: Callable[[Provider], object]
) -> None:
    """Each check of OpenID Connect Core, one by one."""
    await way.go()
    spoil(provider)
    assert await way.come_back() is None


@pytest.mark.parametrize(
    "changed", [{"state": "forged"}, {"state": ""}, {"code": ""}, {"code": "", "error": "access_denied"}]
)
async def test_a_state_that_is_not_ours_asks_the_provider_nothing(
    way: Way, provider: Provider, changed: dict[str, str]
) -> None:
    """Nor does a refusal by the person."""
    await way.go()
    assert await way.come_back(**changed) is None
    assert "/token" not in provider.asked


async def test_a_way_that_took_too_long_must_be_begun_again(way: Way, clock: FixedClock) -> None:
    """Ten minutes are enough for a password and a code."""
    await way.go()
    clock.advance(timedelta(minutes=11))
    assert await way.come_back() is None


async def test_changed_keys_are_fetched_again(way: Way, provider: Provider) -> None:
    """A provider changes its keys without telling."""
    assert await way.come_back() == TOR
    provider.key = provider.signing = ECKey.generate_key("P-256", {"kid": "two"})
    provider.header["kid"] = "two"
    await way.go()
    assert await way.come_back() == TOR
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


async def test_what_the_token_does_not_say_is_asked_for(way: Way, provider: Provider) -> None:
    """From userinfo, and only where it speaks of the same person."""
    provider.claims = {}
    provider.userinfo = {"sub": "1234", "email": "Tor.Kvam@asker.example".lower()}
    assert await way.come_back() == TOR
    provider.userinfo["sub"] = "somebody else"
    await way.go()
    assert await way.come_back() is None


async def test_another_claim_may_say_who_it_is(provider: Provider, clock: FixedClock) -> None:
    """Such as an employee's id."""
    provider.claims = {"employee": "tor-kvam", "email_verified": False}
    assert await Way(provider, clock, claim="employee").come_back() == TOR


async def test_a_provider_that_posts_its_secret_gets_it_in_the_form(way: Way, provider: Provider) -> None:
    """Where it does not take it as a password."""
    provider.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert await way.come_back() == TOR
    assert provider.token_form["client_secret"] == ["only-for-tests"]
    assert provider.token_form["basic"] == [""]


@pytest.mark.parametrize(
    "spoil", [{"issuer": "https://evil.example"}, {"token_endpoint": None}], ids=["issuer", "incomplete"]
)
async def test_a_provider_that_cannot_be_trusted_is_not_gone_to(
    way: Way, provider: Provider, spoil: dict[str, Any]
) -> None:
    """Nor one that does not answer: people are told to try again later."""
    provider.discovery |= spoil
    with pytest.raises(UnavailableProblem):
        await way.go()


def settings(**given: Any) -> RoutingSettings:
    """Settings with a provider or without."""
    whole: dict[str, Any] = {
        "database_url": "postgresql+asyncpg://", "nats_user": "routing", "nats_password": "x",
        "municipality": "asker", "http_port": 1, "public_url": "http://127.0.0.1:8080", "secret": "ab" * 32,
    }  # fmt: skip
    return RoutingSettings(**{**whole, **given})


def test_settings_want_a_whole_registration_over_https() -> None:
    """And on a public address nobody may simply choose who to be."""
    whole = {"oidc_issuer": ISSUER, "oidc_client_id": "svarfrist", "oidc_client_secret": "x"}
    assert settings(**whole).oidc_issuer == ISSUER
    assert settings().oidc_issuer is None
    for wrong in (
        {"oidc_issuer": ISSUER},
        {**whole, "oidc_issuer": "http://id.asker.example"},
        {"public_url": "https://svar.asker.example"},
    ):
        with pytest.raises(ValueError, match="SVARFRIST_OIDC_ISSUER"):
            settings(**wrong)
