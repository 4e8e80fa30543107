"""Improvements decided because of what residents said; `published` is what the results page shows."""

from services.metrics.improvements.standing import (
    ClosedOfDecided,
    PublishedImprovement,
    closed_of_decided,
    published,
)

__all__ = ["ClosedOfDecided", "PublishedImprovement", "closed_of_decided", "published"]
