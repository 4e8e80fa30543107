"""What routing reads from its environment."""

from shared.settings import ServiceSettings


class RoutingSettings(ServiceSettings):
    """The settings all services have; see shared.settings."""
