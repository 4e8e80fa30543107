"""Loopback ports: which are free, and the same ones again at the next start."""

import errno
import socket
from collections.abc import Iterable, Mapping

from deploy.errors import BadPortError, PortTakenError

LOOPBACK = "127.0.0.1"


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
    """A free port for each name: the remembered one where it is still free, else one the system gives."""
    held: list[socket.socket] = []
    ports: dict[str, int] = {}
    try:
        for name in names:
            try:
                held.append(_bind(remembered.get(name, 0)))
            except OSError:
                held.append(_bind(0))
            ports[name] = held[-1].getsockname()[1]
    finally:
        # All are held until the last is chosen, so that none is given out twice.
        for listener in held:
            listener.close()
    return ports


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # As the servers themselves do: connections of a stopped stack that linger are no hindrance.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
