"""What tests of every kind share: skipping that CI does not allow, and real services on free ports, ended by pid."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.cli import broker as brokers

settings.register_profile(  # a busy machine must fail nothing; CI repeats the same examples
    "firstline",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("firstline")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def missing(what: str) -> None:
    """Skip a test that needs what this machine lacks; where CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"this machine has no {what}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the checkout."""
    if not SHARED.is_dir():
        missing("folder ../shared")
    return SHARED


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Broker]:
    """A real Redis or Valkey server of this test session."""
    running = brokers.start(tmp_path_factory.mktemp("broker"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server of this test session, as an empty database cluster."""
    with postgres_server() as url:
        yield url


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own, and its address; skips the test where there is none to start."""
    folder = next(
        (str(Path(found).parent) for found in [shutil.which("initdb")] if found),
        next((str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None),
    )
    if folder is None:
        missing("PostgreSQL server (initdb)")
    data = Path(tempfile.mkdtemp(prefix="firstline-postgres-"))  # pytest's own folders are closed to other users
    user: dict[str, str] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        name = next((entry.pw_name for entry in pwd.getpwall() if entry.pw_name in ("postgres", "nobody")), "nobody")
        shutil.chown(data, name)
        user = {"user": name}
    port = brokers.free_port()
    subprocess.run(
        [f"{folder}/initdb", "-D", data, "-U", "firstline", "--auth=trust", "--no-sync", "-E", "UTF8"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **user,  # type: ignore[call-overload]
    )  # fmt: skip
    server = subprocess.Popen(
        [f"{folder}/postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
         "-c", "unix_socket_directories=", "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **user,  # type: ignore[call-overload]
    )  # fmt: skip
    url = f"postgresql+psycopg://firstline@127.0.0.1:{port}/postgres"
    try:
        wait_for_postgres(url)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # without waiting for those who are still connected
        server.wait(timeout=60)
        shutil.rmtree(data)


def wait_for_postgres(url: str) -> None:
    """Wait until the server takes a connection."""
    import time

    import psycopg

    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url.replace("+psycopg", "")).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
