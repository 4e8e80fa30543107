"""`svarfrist status`."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.data_folder import PARTS, DataFolder, PartRecord, StackRecord
from deploy.probes import probe


def status(
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Tell of every part whether it runs and is ready; exit code 0 only if all are."""
    parts = asyncio.run(states(DataFolder(data).record()))
    if as_json:
        print(json.dumps({"parts": parts}, indent=2))
    else:
        for name, part in parts.items():
            print(_line(name, part))
    if not all(part["ready"] for part in parts.values()):
        raise typer.Exit(1)


async def states(record: StackRecord) -> dict[str, dict[str, Any]]:
    """Each part's pid, address, readiness and lag, asked of the part itself."""
    return dict(
        zip(PARTS, await asyncio.gather(*(_state(record.parts.get(name)) for name in PARTS)), strict=True)
    )


async def _state(part: PartRecord | None) -> dict[str, Any]:
    if part is None:  # a stack that has not come so far
        return {"pid": None, "address": None, "ready": False}
    answer = await probe(part.probe)
    alive = part.process is not None and part.process.lives()
    state = {
        "pid": part.process.pid if part.process and alive else None,
        "address": part.address,
        # What answers at the address of a part that does not run is another program.
        "ready": alive and answer.is_of(part.process.pid if part.process else None),
    }
    return state if answer.lag is None else {**state, "lag": answer.lag}


def _line(name: str, part: dict[str, Any]) -> str:
    state = "ready" if part["ready"] else "not ready" if part["pid"] else "stopped"
    lag = f", {part['lag']} events waiting" if part.get("lag") else ""
    pid = f" (process {part['pid']})" if part["pid"] else ""
    return f"{name:<10}{state}{lag}  {part['address'] or ''}{pid}".rstrip()
