"""`python -m services.metrics.openapi`: writes the document of the indicators, docs/api/indicators.json."""

import inspect
import json
from pathlib import Path
from typing import Any, cast

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Schema
from litestar.plugins.pydantic import PydanticPlugin, PydanticSchemaPlugin
from litestar.typing import FieldDefinition

from services.metrics import api
from services.metrics.publications import Publications
from services.metrics.reading import Reader

PATH = Path(__file__).parents[2] / "docs" / "api" / "indicators.json"
ROOT = "/api/v1/indicators/description"
OPENAPI = OpenAPIConfig(
    title="Svarfrist: indicators",
    version="1",
    description="What residents were promised and what was held: the figures behind a municipality's results.",
    path=ROOT,
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
)


class _Defined(PydanticSchemaPlugin):
    """Tells what the figures of each part mean in the words of its docstring, which pydantic's own schema does."""

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        schema = super().to_openapi_schema(field_definition, schema_creator)
        schema.description = inspect.getdoc(field_definition.annotation)
        return schema


PLUGINS = (_Defined(prefer_alias=True), PydanticPlugin(prefer_alias=True))


def document() -> dict[str, Any]:
    """The OpenAPI document, as it is also served at /api/v1/indicators/description/openapi.json."""
    # The routes are described and never asked, so that they need nobody who reads.
    routes = api.routes(cast("Reader", None), cast("Publications", None))
    visitor = {"visitor": Provide(lambda: None, sync_to_thread=False)}
    app = Litestar(routes, openapi_config=OPENAPI, plugins=PLUGINS, dependencies=visitor)
    return app.openapi_schema.to_schema()


def text() -> str:
    """The document as it stands in the file, its keys in order: some come from sets."""
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(text(), "utf-8")
