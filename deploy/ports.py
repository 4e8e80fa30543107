"""Loopback ports: which are free, and the same ones again at the next start."""

import errno
import os
import re
import secrets
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress

from deploy.errors import BadPortError, BadPortRangeError, PortTakenError

LOOPBACK = "127.0.0.1"
FIRST, LAST = 15_000, 32_000
"""Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152): one of
those can be taken by a client between our look and the server's start."""
RANGE = "SVARFRIST_PORTS"
"""The variable that names others to draw from, as `15000-20000`: stacks that are started at once, each with ports
of its own, never draw the same one between their look and a server's start."""
TRIES = 200
_HIGHEST = 65_535


def require_free(port: int) -> None:
    """Raises PortTakenError where another program listens on the port, BadPortError where we may not."""
    try:
        _bind(port).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(port) from error
        raise BadPortError(port, error.strerror or str(error)) from error
    except OverflowError as error:
        raise BadPortError(port, "ports go from 1 to 65535") from error


def assign(names: Iterable[str], remembered: Mapping[str, int]) -> dict[str, int]:
    """A free port for each name: the remembered one where it is still free, else another.

    Raises BadPortRangeError where RANGE says nothing that can be drawn from.
    """
    held: list[socket.socket] = []
    ports: dict[str, int] = {}
    try:
        for name in names:
            held.append(_bind_first([remembered[name]] if name in remembered else []))
            ports[name] = held[-1].getsockname()[1]
    finally:
        # All are held until the last is chosen, so that none is given out twice.
        for listener in held:
            listener.close()
    return ports


def _bind_first(wanted: list[int]) -> socket.socket:
    among = _range()
    drawn = (secrets.choice(among) for _ in range(TRIES))
    for port in (*wanted, *drawn):
        with suppress(OSError):
            return _bind(port)
    return _bind(0)


def _range() -> range:
    given = os.environ.get(RANGE)
    if not given:
        return range(FIRST, LAST)
    ends = re.fullmatch(r"(\d{1,5})-(\d{1,5})", given)
    among = range(int(ends[1]), int(ends[2]) + 1) if ends else range(0)
    if not among or among[0] < 1 or among[-1] > _HIGHEST:
        raise BadPortRangeError(RANGE, given)
    return among


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # As the servers themselves do: connections of a stopped stack that linger are no hindrance.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        # Two may bind a port so, unless one of them listens.
        listener.listen(1)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
