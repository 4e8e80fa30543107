"""What residents can expect of the municipality, on a page of its own."""

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import httpx
import nats
import pytest

from shared.clock import write_offset
from shared.municipality.loading import SHIPPED
from tests.integration.intake.conftest import serving, settings
from tests.integration.intake.visitor import Resident

Open = Callable[[Path, str], AbstractAsyncContextManager[Resident]]


@pytest.fixture
def opened(database_url: str, bus: nats.NATS, nats_url: str, tmp_path: Path) -> Open:
    """A resident's visit to a municipality, on a day at noon."""
    assert bus.is_connected

    @asynccontextmanager
    async def visit(folder: Path, day: str) -> AsyncGenerator[Resident]:
        clock_file = tmp_path / "offset"
        write_offset(clock_file, datetime.fromisoformat(f"{day}T12:00+01:00") - datetime.now(UTC))
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            asked = settings(database_url, nats_url, address, municipality=str(folder), clock_file=clock_file)
            async with (
                serving(asked, [listening]),
                httpx.AsyncClient(base_url=address, timeout=60) as client,
                Resident(client) as resident,
            ):
                yield resident

    return visit


async def test_what_is_promised_is_found_from_the_front_page_and_every_footer(opened: Open) -> None:
    """For everyone first, then by topic and kind, in the words residents see and with the time in words."""
    async with opened(SHIPPED / "asker", "2026-12-18") as resident:
        front = await resident.open("/")
        assert front.html.count('href="/forvent"') == 2
        page = await resident.open("/forvent")
    said = page.said
    for words in (
        "Dette kan du forvente av oss",
        "Du får svar så snart som mulig, og senest innen én uke. Frist: én uke",
        "Byggesak Spørsmål og klager om byggesak svarer vi på innen femten arbeidsdager",
        "Frist: 15 arbeidsdager",
        "Sykehjem og omsorgsbolig, klage på tjeneste Klager du på noe ved et sykehjem",
    ):
        assert words in said
    assert said.index("Barnevern") < said.index("Byggesak") < said.index("Sykehjem")
    assert "skulle vært gjennomgått" not in said


@pytest.mark.parametrize(
    ("language", "title", "words", "period"),
    [
        (
            "nn",
            "Dette kan du vente deg av oss",
            "Du får svar så snart som råd, og seinast innan ei veke.",
            "Frist: éi veke",
        ),
        (
            "en",
            "What you can expect of us",
            "You get an answer as soon as possible, within one week at the latest.",
            "Time limit: one week",
        ),
    ],
)
async def test_the_promises_are_in_the_readers_language(
    opened: Open, language: str, title: str, words: str, period: str
) -> None:
    """The municipality's own words, and ours."""
    async with opened(SHIPPED / "sorum", "2026-12-18") as resident:
        said = (await resident.open(f"/forvent?lang={language}")).said
    for expected in (title, words, period):
        assert expected in said


async def test_a_promise_past_its_review_says_so_from_the_day_after(opened: Open) -> None:
    """It holds all the same. The one on child welfare was to be reviewed by 31 January 2027."""
    words = "Dette løftet gjelder fortsatt, men skulle vært gjennomgått innen søndag 31. januar 2027."
    async with opened(SHIPPED / "asker", "2027-01-31") as resident:
        assert words not in (await resident.open("/forvent")).said
    async with opened(SHIPPED / "asker", "2027-02-01") as resident:
        assert (await resident.open("/forvent")).said.count(words) == 1


async def test_only_promises_in_force_are_shown(opened: Open, tmp_path: Path) -> None:
    """One that has not begun is not; where there is none, that is said."""
    folder = tmp_path / "asker"
    copytree(SHIPPED / "asker", folder)
    promises = folder / "promises.yaml"
    late = promises.read_text("utf-8").replace("from: 2024-01-01", "from: 2027-01-01")
    promises.write_text(late, "utf-8")
    async with opened(folder, "2026-12-31") as resident:
        said = (await resident.open("/forvent")).said
    assert "Byggesak" not in said
    assert "Innsyn og personvern" in said
    none = late.replace("from: 2027-01-01", "to: 2019-12-31").replace("from: 202", "to: 201")
    promises.write_text(none, "utf-8")
    async with opened(folder, "2026-12-31") as resident:
        said = (await resident.open("/forvent")).said
    assert "Vi har ikke lovet noen svarfrist for tiden." in said
