"""The front door as a part of the embedded stack: `Caddyfile` with this stack's addresses."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.data_folder import DataFolder
from deploy.ports import LOOPBACK
from deploy.supervisor import Part

HERE = Path(__file__).parent
STATIC_FOLDER = HERE.parent / "shared" / "web" / "static"


def part(folder: DataFolder, *, port: int, upstream_ports: Mapping[str, int]) -> Part:
    """`upstream_ports` are those of the services and the mailbox."""
    environment = {
        "SVARFRIST_FRONT_HOST": "",
        "SVARFRIST_FRONT_PORT": str(port),
        "SVARFRIST_FRONT_BIND": LOOPBACK,
        "SVARFRIST_FRONT_PAGES": str(HERE / "pages"),
        "SVARFRIST_STATIC_FOLDER": str(STATIC_FOLDER),
        "SVARFRIST_CADDY_STORAGE": str(folder.caddy),
        **{
            f"SVARFRIST_{name.upper()}": f"{LOOPBACK}:{upstream}" for name, upstream in upstream_ports.items()
        },
        # Nothing of ours in the home folder of whoever starts the stack.
        "XDG_DATA_HOME": str(folder.caddy),
        "XDG_CONFIG_HOME": str(folder.caddy),
        "GOMEMLIMIT": "128MiB",
    }
    return Part(
        name="caddy",
        command=(
            str(Path(sys.executable).with_name("caddy")),
            "run",
            "--config",
            str(HERE / "Caddyfile"),
            "--adapter",
            "caddyfile",
        ),
        address=f"http://localhost:{port}",
        probe=f"http://{LOOPBACK}:{port}/front-door",
        environment=environment,
    )
