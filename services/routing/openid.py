"""Signing in with an OpenID Connect provider: authorization code with PKCE, state and nonce.

What must survive the way to the provider and back travels in the `state` itself, sealed: the verifier, the
nonce and nothing else. The page that begins keeps the same state in the browser's cookie, so that a way
begun in one browser cannot be ended in another.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from shared.clock import Clock
from shared.web.errors import UnavailableProblem
from shared.web.session import Seal, SignedIn

LONGEST_WAY = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "RS512", "ES384")
"""Signatures with the provider's private key; never those that who knows the client's secret could make."""
_NOT_VERIFIED = (False, "false")
"""Some providers write their Booleans as words."""
_LEEWAY = 60
"""Seconds that the provider's clock may be off."""
_TIME_LIMIT = 8.0
"""Seconds the provider may take to answer."""
_FRESH = timedelta(hours=1)
"""How long what the provider says of itself is believed."""

FindPerson = Callable[[str], SignedIn | None]
"""Who has this e-mail address, or whatever the claim holds."""

log = structlog.get_logger()


class Provider(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class NotProvedError(Exception):
    """What came back from the provider does not prove who somebody is; `reason` holds no personal data."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, for the log."""
        super().__init__(reason)
        self.reason = reason


class OpenIdConnect:
    """A way to sign in (`shared.web.session.SignIn`) by way of an identity provider."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        claim: str,
        redirect_uri: str,
        secret: str,
        clock: Clock,
        find: FindPerson,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Take the client's registration at the provider.

        :param claim: which claim says who somebody is; an `email` that is marked as not verified does not.
        :param transport: how the provider is reached, where not over the network.
        """
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._claim = claim
        self._redirect_uri = redirect_uri
        self._seal = Seal(secret, "openid state")
        self._clock = clock
        self._find = find
        self._transport = transport
        self._provider: Provider | None = None
        self._keys: KeySet | None = None
        self._known_at = datetime.min.replace(tzinfo=clock().tzinfo)

    def choices(self) -> Sequence[SignedIn]:
        """Nobody: the provider decides."""
        return ()

    async def redirect_address(self, back_to: str) -> str | None:  # noqa: ARG002 - the page keeps the way back
        """Where the provider asks who somebody is; its `state` must come back with the same browser.

        :raises UnavailableProblem: the provider does not answer.
        """
        provider = await self._discovered()
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        state = self._seal.close({"verifier": verifier, "nonce": nonce}, self._clock())
        address: str = prepare_grant_uri(
            provider.authorization_endpoint,
            self._client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope="openid email profile",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def person(self, parameters: Mapping[str, str]) -> SignedIn | None:
        """Who has signed in: nobody where the parameters do not prove it, or nobody here has that name.

        :raises UnavailableProblem: the provider does not answer.
        """
        begun = self._seal.open(parameters.get("state", ""), self._clock(), LONGEST_WAY)
        code = parameters.get("code")
        if begun is None or not code:
            log.warning("openid.refused", error=parameters.get("error", "")[:60], expired=begun is None)
            return None
        try:
            claims = await self._claims(code, str(begun["verifier"]), str(begun["nonce"]))
        except NotProvedError as error:
            log.warning("openid.not_proved", reason=error.reason)
            return None
        name = claims.get(self._claim)
        if not isinstance(name, str) or (
            self._claim == "email" and claims.get("email_verified") in _NOT_VERIFIED
        ):
            log.warning("openid.no_claim", claim=self._claim)
            return None
        return self._find(name)

    async def _claims(self, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        provider = await self._discovered()
        tokens = await self._exchange(provider, code, verifier)
        claims = await self._proved(provider, str(tokens.get("id_token", "")), nonce)
        if self._claim in claims or provider.userinfo_endpoint is None:
            return claims
        told = await self._json("GET", provider.userinfo_endpoint, bearer=str(tokens.get("access_token", "")))
        if told.get("sub") != claims["sub"]:
            raise NotProvedError("userinfo is about somebody else")
        return {**told, **claims}

    async def _exchange(self, provider: Provider, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        if "client_secret_basic" in provider.token_endpoint_auth_methods_supported:
            basic = httpx.BasicAuth(self._client_id, self._client_secret)
            return await self._json("POST", provider.token_endpoint, form=form, basic=basic)
        form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        return await self._json("POST", provider.token_endpoint, form=form)

    async def _proved(self, provider: Provider, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is signed, meant for us, fresh, and an answer to our question.

        OpenID Connect Core 1.0, section 3.1.3.7.
        """
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims: dict[str, Any] = (await self._read(provider, id_token)).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise NotProvedError(f"ID token: {type(error).__name__}") from error
        if claims.get("azp", self._client_id) != self._client_id:
            raise NotProvedError("ID token: meant for another client")
        return claims

    async def _read(self, provider: Provider, id_token: str) -> jwt.Token:
        keys = self._keys or await self._fetched_keys(provider)
        try:
            return jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
        except InvalidKeyIdError:  # the provider has changed its keys
            return jwt.decode(id_token, await self._fetched_keys(provider), algorithms=_ALGORITHMS)

    async def _fetched_keys(self, provider: Provider) -> KeySet:
        self._keys = KeySet.import_key_set(await self._json("GET", provider.jwks_uri))  # type: ignore[arg-type]
        return self._keys

    async def _discovered(self) -> Provider:
        now = self._clock()
        if self._provider is None or now - self._known_at > _FRESH:
            address = f"{self._issuer}/.well-known/openid-configuration"
            try:
                provider = Provider.model_validate(await self._json("GET", address))
            except (ValidationError, NotProvedError) as error:
                raise self._unavailable("discovery cannot be used") from error
            if provider.issuer.rstrip("/") != self._issuer:
                raise self._unavailable("discovery names another issuer")
            self._provider, self._keys, self._known_at = provider, None, now
        return self._provider

    async def _json(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        basic: httpx.BasicAuth | None = None,
        bearer: str | None = None,
    ) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            async with httpx.AsyncClient(
                transport=self._transport, timeout=_TIME_LIMIT, auth=basic
            ) as client:
                response = await client.request(method, address, data=form, headers=headers)
        except httpx.HTTPError as error:
            raise self._unavailable(type(error).__name__) from error
        if response.is_server_error:
            raise self._unavailable(f"status {response.status_code}")
        if not response.is_success:
            raise NotProvedError(f"the provider refused with status {response.status_code}")
        try:
            content = response.json()
        except ValueError as error:
            raise NotProvedError("the provider's answer is not JSON") from error
        if not isinstance(content, dict):
            raise NotProvedError("the provider's answer is not an object")
        return content

    def _unavailable(self, reason: str) -> UnavailableProblem:
        log.error("openid.unavailable", reason=reason)
        return UnavailableProblem()
