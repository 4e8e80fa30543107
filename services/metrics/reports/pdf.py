"""The report as PDF/UA-1: tagged, with its language and title, fonts embedded, by Typst."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.resources import files

import typst

from services.metrics.reports.told import Told


@cache
def _template() -> bytes:
    return files(__package__).joinpath("report.typ").read_bytes()


def pdf(told: Told, *, at: datetime) -> bytes:
    """The printed report; the same words and instant give the same bytes. Takes some 50 ms: ask for it aside."""
    return bytes(
        typst.compile(
            _template(),
            format="pdf",
            pdf_standards="ua-1",
            # Fonts of the machine would make the same report look different on another one.
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(asdict(told), ensure_ascii=False)},
            timestamp=int(at.timestamp()),
        )
    )
