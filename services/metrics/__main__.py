"""Runs the metrics service."""

from services.metrics.app import create_app
from shared.service import serve
from shared.settings import ServiceSettings

if __name__ == "__main__":
    serve("metrics", ServiceSettings, create_app)
