"""The bus: the server's configuration, and who may say and hear what on it.

One user per service, and `operator` for provisioning and for the command line. A service publishes what it
itself has to say, consumes through its own durable consumer and no other, and asks and answers the few
questions of docs/architecture.md: what a resident wrote can be asked for by routing alone, the contact by
notify alone.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.data_folder import DataFolder, write_atomically
from deploy.ports import LOOPBACK
from deploy.supervisor import Part

OPERATOR = "operator"
STREAM = "DIALOGUE"


@dataclass(frozen=True)
class Voice:
    """What one service may do on the bus beyond consuming."""

    publishes: tuple[str, ...]
    """The first words of its events' names: `case` stands for `dialogue.<municipality>.case.>`."""
    asks: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    """Streams of which it may learn how much they hold, beside its own."""
    answers: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    """Subjects beside those of its events."""
    reads: tuple[str, ...] = ()
    """Streams it may read message by message."""


VOICES: Mapping[str, Voice] = {
    "intake": Voice(
        publishes=("submission", "feedback"),
        asks=("routing.answers.read",),
        answers=("intake.submission.read", "intake.submission.excerpts", "intake.contact.read"),
    ),
    "routing": Voice(
        publishes=("case",),
        asks=("intake.submission.read", "intake.submission.excerpts"),
        answers=("routing.answers.read",),
        says=("session.ended",),
        reads=("SESSIONS",),
    ),
    "notify": Voice(publishes=("promise", "message"), asks=("intake.contact.read",)),
    # The yearly report tells how many events could not be handled.
    "metrics": Voice(publishes=("report",), counts=("DEAD",), reads=("SESSIONS",)),
}


def permissions(service: str, municipality: str) -> dict[str, Any]:
    """A service's permissions, in the words of the server's configuration."""
    voice = VOICES[service]
    return {
        "publish": {
            "allow": [
                *(f"dialogue.{municipality}.{prefix}.>" for prefix in voice.publishes),
                *voice.asks,
                *voice.says,
                *(f"$JS.API.STREAM.MSG.GET.{stream}" for stream in voice.reads),
                *(f"$JS.API.STREAM.INFO.{stream}" for stream in (*voice.counts, *voice.reads)),
                f"dead.{service}",
                f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{service}",
                f"$JS.API.CONSUMER.INFO.{STREAM}.{service}",
                f"$JS.ACK.{STREAM}.{service}.>",
            ]
        },
        "subscribe": {"allow": [f"_INBOX_{service}.>", *voice.answers]},
        # The answer to a question goes to the asker's own inbox, which nobody else may write to.
        "allow_responses": {"max": 1, "expires": "10s"},
    }


def configuration(
    *, municipality: str, passwords: Mapping[str, str], port: int, store: Path, host: str = LOOPBACK
) -> str:
    """The server's configuration file: JSON, which its own format includes."""
    users: list[dict[str, Any]] = [
        {"user": service, "password": passwords[service], "permissions": permissions(service, municipality)}
        for service in VOICES
    ]
    users.append({"user": OPERATOR, "password": passwords[OPERATOR]})
    return json.dumps(
        {
            "server_name": f"svarfrist-{municipality}",
            "host": host,
            "port": port,
            "max_payload": 1024 * 1024,
            "jetstream": {
                "store_dir": str(store),
                "max_memory_store": 16 * 1024 * 1024,
                # An acknowledged event is on the disk, not in the page cache: a power cut loses nothing.
                "sync_interval": "always",
            },
            "authorization": {"users": users},
        },
        indent=1,
    )


def part(folder: DataFolder, *, municipality: str, passwords: Mapping[str, str], port: int) -> Part:
    """Writes the configuration, readable by its owner alone, and returns the server as a part."""
    write_atomically(
        folder.nats_config,
        configuration(municipality=municipality, passwords=passwords, port=port, store=folder.nats),
    )
    address = f"nats://{LOOPBACK}:{port}"
    return Part(
        name="nats",
        command=(str(Path(sys.executable).with_name("nats-server")), "-c", str(folder.nats_config)),
        address=address,
        probe=address,
        environment={"GOMEMLIMIT": "128MiB"},
    )
