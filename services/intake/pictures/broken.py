"""A picture that is not built as its kind is."""

_MOST_PARTS = 50_000
"""A camera's picture has some tens of parts, a long animation some thousands."""


class BrokenPictureError(ValueError):
    """What is in the file cannot be told, so neither can what it would give away; `what` says of which part."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the picture is broken: {what}")
        self.what = what


def refuse_too_many(parts: int) -> None:
    """Raises BrokenPictureError for what is made of crumbs: to take it apart takes much memory and time."""
    if parts > _MOST_PARTS:
        raise BrokenPictureError("it has too many parts")
