"""What routing reads from its environment."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator

from shared.settings import ServiceSettings

_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class RoutingSettings(ServiceSettings):
    """Without an OpenID provider one signs in by choosing a person: only for a stack its owner alone reaches."""

    oidc_issuer: str | None = None
    """The provider's issuer, such as `https://login.microsoftonline.com/<tenant>/v2.0`."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_claim: str = "email"
    """The claim that holds the e-mail address, or the id, that the municipality's configuration has."""

    @model_validator(mode="after")
    def _is_a_whole_registration(self) -> Self:
        if self.oidc_issuer is None:
            if self.public_url.startswith("https://"):
                message = "on a public address SVARFRIST_OIDC_ISSUER is needed: else anybody could be anybody"
                raise ValueError(message)
            return self
        if not self.oidc_client_id or not self.oidc_client_secret.get_secret_value():
            message = (
                "with SVARFRIST_OIDC_ISSUER go SVARFRIST_OIDC_CLIENT_ID and SVARFRIST_OIDC_CLIENT_SECRET"
            )
            raise ValueError(message)
        address = urlsplit(self.oidc_issuer)
        if address.scheme != "https" and address.hostname not in _OWN_MACHINE:
            message = "SVARFRIST_OIDC_ISSUER must begin with https://"
            raise ValueError(message)
        return self
