"""Takes out of pictures what they tell beside the picture: place, time, camera, comments, earlier versions.

Nothing is decoded or compressed anew: what is shown stays as it was, byte by byte, and the right way up. What is
kept is listed, and all else goes; only TIFF and HEIF, whose parts point at each other, are blanked where they
stand. What is of no kind of picture listed here, such as a PDF, is left as it is.
"""

import struct
from collections.abc import Callable, Mapping

from services.intake.pictures import gif, heif, jpeg, png, tiff, webp
from services.intake.pictures.broken import BrokenPictureError

_CLEANERS: Mapping[str, Callable[[bytes], bytes]] = {
    "image/jpeg": jpeg.cleaned,
    "image/png": png.cleaned,
    "image/gif": gif.cleaned,
    "image/webp": webp.cleaned,
    "image/tiff": tiff.cleaned,
    "image/heic": heif.cleaned,
    "image/avif": heif.cleaned,
}

__all__ = ["BrokenPictureError", "cleaned"]


def cleaned(content: bytes, media_type: str) -> bytes:
    """The file without metadata; cleaned again it stays the same. Raises BrokenPictureError."""
    cleaner = _CLEANERS.get(media_type)
    if cleaner is None:
        return content
    try:
        return cleaner(content)
    except (IndexError, struct.error) as error:
        raise BrokenPictureError(media_type) from error
