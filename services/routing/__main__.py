"""Runs routing until it is told to stop."""

from services.routing.app import create_app
from services.routing.settings import RoutingSettings
from shared.service import serve

if __name__ == "__main__":
    serve("routing", RoutingSettings, create_app)
