"""Improvements decided because of what residents said; `published` is what the results page shows."""

from services.metrics.improvements.standing import (
    ClosedOfDecided,
    PublishedImprovement,
    closed_of_decided,
    closed_of_decided_by_section,
    published,
)

__all__ = [
    "ClosedOfDecided",
    "PublishedImprovement",
    "closed_of_decided",
    "closed_of_decided_by_section",
    "published",
]
