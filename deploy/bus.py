"""The operator's connection to the bus of a running stack."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import nats
from nats.aio.client import Client

from deploy.data_folder import DataFolder
from deploy.errors import BusAwayError, NotRunningError
from deploy.nats import OPERATOR

CONNECT_TIMEOUT = 5


@asynccontextmanager
async def connected(folder: DataFolder) -> AsyncGenerator[Client]:
    """Connects as the operator.

    Raises NotRunningError where nothing answers, and BusAwayError where it later stops to.
    """
    record = folder.record()
    try:
        nc = await nats.connect(
            record.parts["nats"].address,
            user=OPERATOR,
            password=folder.secrets().nats[OPERATOR],
            allow_reconnect=False,
            connect_timeout=CONNECT_TIMEOUT,
            error_cb=_is_told_by_what_failed,
        )
    except (KeyError, OSError, TimeoutError, nats.errors.Error) as error:
        raise NotRunningError(folder.path) from error
    try:
        yield nc
    except nats.errors.Error as error:
        raise BusAwayError(type(error).__name__) from error
    finally:
        await nc.close()


async def _is_told_by_what_failed(_error: Exception) -> None:
    """Keeps nats-py from writing it to the terminal as well: the call that fails says it in words."""
