"""Pictures are kept without place, time and camera, and look as before."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.files import File, Refused, look_at, media_type_of
from services.intake.pictures import BrokenPictureError, cleaned, exif
from tests.pictures import GIF, HEIC, JPEG, PNG, TALKATIVE, TALKATIVE_PNG, TIFF, TOLD, WEBP

KINDS = [pytest.param(picture, id=name) for name, picture in TALKATIVE.items()]


def clean(picture: bytes) -> bytes:
    """The picture as it is kept."""
    return cleaned(picture, media_type_of(picture) or "")


@pytest.mark.parametrize("picture", KINDS)
def test_a_picture_tells_nothing_beside_itself(picture: bytes) -> None:
    """Neither where it was taken, when, by whom or with what."""
    assert any(words in picture for words in TOLD) or picture == GIF
    file = look_at("bilde.jpg", picture)
    assert isinstance(file, File)
    assert [words for words in TOLD if words in file.content] == []
    assert file.media_type == media_type_of(picture)
    assert file.size == len(file.content)


@pytest.mark.parametrize("picture", KINDS)
def test_a_picture_that_is_clean_stays_as_it_is(picture: bytes) -> None:
    """So that one that is sent twice is known again by its size."""
    file = look_at("bilde", picture)
    assert isinstance(file, File)
    assert clean(file.content) == file.content
    assert look_at("bilde", file.content) == file


def test_a_plain_picture_is_kept_byte_by_byte() -> None:
    """Nothing is decoded and compressed anew."""
    assert clean(PNG) == PNG


@pytest.mark.parametrize(
    ("picture", "before"), [(JPEG, b"Exif\0\0"), (TALKATIVE_PNG, b"eXIf"), (WEBP, b"EXIF")]
)
def test_a_turned_picture_stays_the_right_way_up(picture: bytes, before: bytes) -> None:
    """Which way up is all its Exif says afterwards."""
    kept = clean(picture)
    assert kept.count(before) == 1
    said = kept[kept.index(before) + len(before) + (4 if before == b"EXIF" else 0) :]
    assert said.startswith(exif.saying_only(6))
    assert exif.orientation(said) == 6


def test_an_upright_picture_says_nothing_of_it() -> None:
    """The ordinary case has no Exif left at all."""
    upright = JPEG.replace(struct.pack("<HHIH", 0x0112, 3, 1, 6), struct.pack("<HHIH", 0x0112, 3, 1, 1))
    upright = upright.replace(struct.pack(">HHIH", 0x0112, 3, 1, 6), struct.pack(">HHIH", 0x0112, 3, 1, 1))
    assert upright != JPEG
    assert b"Exif" not in clean(upright)


def test_what_follows_the_picture_is_left_out() -> None:
    """Phones hang a film of the moment, or another picture with its own place, behind the one that is seen."""
    for picture in (JPEG, TALKATIVE_PNG, GIF, WEBP):
        assert clean(picture + b"ftypmp42 Torgveien 1") == clean(picture)
    film = struct.pack(">I4s", 8 + 11, b"mpvd") + b"Torgveien 1"
    assert b"Torgveien" not in clean(HEIC + film)
    assert len(clean(HEIC + film)) == len(HEIC + film)


def test_colours_and_movement_stay() -> None:
    """An ICC profile, and the repetition of a picture that moves."""
    profile = b"ICC_PROFILE\0\1\1" + bytes(40)
    coloured = JPEG[:2] + b"\xff\xe2" + struct.pack(">H", 2 + len(profile)) + profile + JPEG[2:]
    assert profile in clean(coloured)
    assert b"NETSCAPE2.0" in clean(GIF)


def test_a_comment_in_a_gif_goes_and_its_pictures_stay() -> None:
    """Blocks of programs that nobody knows too."""
    note = b"\x21\xfe\x0bTorgveien 1\0" + b"\x21\xff\x0bXMP DataXMP\x03abc\0"
    with_notes = GIF[:-1] + note + GIF[-1:]
    assert clean(with_notes) == clean(GIF)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_of_either_order_of_bytes_loses_its_tags(order: str) -> None:
    """Also on its second page, and in the directory that a tag points to."""
    make = b"Kamera AS\0"
    pages = b""
    place = 8
    for following in (True, False):
        values = place + 2 + 3 * 12 + 4
        gps = values + len(make)
        end = gps + 2 + 12 + 4 + 11
        pages += struct.pack(f"{order}H", 3)
        pages += struct.pack(f"{order}HHII", 256, 4, 1, 6)
        pages += struct.pack(f"{order}HHII", 271, 2, len(make), values)
        pages += struct.pack(f"{order}HHII", 34853, 4, 1, gps)
        pages += struct.pack(f"{order}I", end if following else 0) + make
        pages += struct.pack(f"{order}HHHII", 1, 27, 2, 11, gps + 18) + bytes(4) + b"Torgveien 1"
        place = end
    tiff = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8) + pages
    kept = cleaned(tiff, "image/tiff")
    assert b"Kamera" not in kept
    assert b"Torgveien" not in kept
    assert struct.unpack_from(f"{order}HHHII", kept, 8) == (1, 256, 4, 1, 6)


@pytest.mark.parametrize(
    "broken",
    [
        JPEG[:40],
        b"\xff\xd8\xff\xe0" + bytes(64),
        TALKATIVE_PNG[:-20],
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND")),
        GIF[:20],
        WEBP[:-30],
        TIFF[:60],
        HEIC[:200],
    ],
)
def test_a_broken_picture_is_refused_and_told_as_such(broken: bytes) -> None:
    """What cannot be read cannot be cleaned."""
    with pytest.raises(BrokenPictureError):
        clean(broken)
    refused = look_at("bilde.jpg", broken)
    assert isinstance(refused, Refused)
    assert refused.why == "file.error.broken"


def test_a_photograph_that_was_cut_off_on_its_way_is_kept_as_far_as_it_came() -> None:
    """It can be looked at; what stands before the picture is cleaned all the same."""
    kept = clean(JPEG[:-10])
    assert clean(JPEG).startswith(kept[:-1])
    assert not any(words in kept for words in TOLD)


def test_a_directory_that_points_at_itself_ends() -> None:
    """It is refused, and not walked for ever."""
    circle = b"II*\0" + struct.pack("<IHI", 8, 0, 8)
    with pytest.raises(BrokenPictureError):
        cleaned(circle, "image/tiff")


@pytest.mark.parametrize(
    "crumbs",
    [
        pytest.param(b"\xff\xd8" + b"\xff\xdb\0\2" * 60_000, id="jpeg"),
        pytest.param(b"\xff\xd8" + b"\xff\xfe\0\2" * 60_000, id="jpeg, of comments"),
        pytest.param(WEBP + struct.pack("<4sI", b"JUNK", 0) * 60_000, id="webp"),
        pytest.param(GIF[:-1] + b"\x21\xfe\0" * 60_000 + GIF[-1:], id="gif"),
        pytest.param(HEIC + struct.pack(">I4s", 8, b"free") * 60_000, id="heif"),
    ],
)
def test_a_file_of_nothing_but_crumbs_is_refused(crumbs: bytes) -> None:
    """It would take many times its own size, and seconds, to take apart."""
    grown = (
        crumbs[:4] + struct.pack("<I", len(crumbs) - 8) + crumbs[8:] if crumbs.startswith(b"RIFF") else crumbs
    )
    with pytest.raises(BrokenPictureError, match="too many parts"):
        clean(grown)


def test_values_of_a_tiff_that_lie_on_each_other_are_refused() -> None:
    """Each could be blanked as often as the file has room for saying so, each time all of it."""
    make = struct.pack("<HHII", 271, 2, 900, 38)
    with pytest.raises(BrokenPictureError, match="on another"):
        cleaned(b"II*\0" + struct.pack("<IH", 8, 2) + make * 2 + bytes(1000), "image/tiff")


@given(st.sampled_from(sorted(TALKATIVE)), st.data())
def test_whatever_is_wrong_with_a_picture_it_is_cleaned_or_refused(name: str, data: st.DataObject) -> None:
    """Bytes changed, left out or repeated anywhere: never an error of ours."""
    picture = BytesIO(TALKATIVE[name])
    length = len(picture.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        picture.seek(data.draw(st.integers(4, length - 1)))
        picture.write(data.draw(st.binary(min_size=1, max_size=4)))
    spoilt = picture.getvalue()[: data.draw(st.integers(12, length))]
    kind = media_type_of(TALKATIVE[name])
    assert kind
    with suppress(BrokenPictureError):
        assert isinstance(cleaned(spoilt, kind), bytes)


@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "image/bmp"])
def test_what_is_no_picture_with_such_data_is_left_as_it_is(kind: str) -> None:
    """A PDF may have been signed, and is what it is."""
    assert cleaned(b"%PDF-1.7 /Author (Kari)", kind) == b"%PDF-1.7 /Author (Kari)"
