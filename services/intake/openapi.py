"""`python -m services.intake.openapi`: writes the API's document, docs/api/openapi.json, from the code."""

import json
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.di import Provide

from services.intake.api import api
from services.intake.app import OPENAPI

PATH = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"


def document() -> dict[str, Any]:
    """The OpenAPI document, as it is also served at /api/v1/openapi.json."""
    parts = {name: Provide(lambda: None, sync_to_thread=False) for name in ("intake", "say")}
    return Litestar([api()], openapi_config=OPENAPI, dependencies=parts).openapi_schema.to_schema()


def text() -> str:
    """The document as it stands in the file, its keys in order: some come from sets."""
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(text(), "utf-8")
