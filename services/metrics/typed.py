"""What somebody typed into a form, read."""

from datetime import date


def as_day(typed: str | None) -> date | None:
    """A day as a date field sends it (`2026-08-31`); None where it is none."""
    text = (typed or "").strip()
    try:
        return date.fromisoformat(text) if len(text) == len("2026-08-31") else None
    except ValueError:
        return None
