"""What intake reads from its environment beyond what every service does."""

from shared.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """Limits on what one visitor may send, and where replies to our mails come in."""

    rate_limit_per_minute: int = 0
    """Forms and API calls that one address may send in a minute, each process counting for itself; 0: no limit.

    Off by default, since a municipality's own staff, schools and libraries may share one address.
    """
    mail_in_port: int = 0
    """Where the mail server hands over residents' replies (SMTP, on `http_host`); 0: none are taken."""
    reply_domain: str | None = None
    """The domain of reply addresses, the same as notify has; without it no replies are taken."""
