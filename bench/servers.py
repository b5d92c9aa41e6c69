"""Which web server for the receiver? Throughput, 1,500 slow sockets, and the cap on a chunked body, in one run.

    python -m bench.servers [granian|waitress|gunicorn ...]

Each server runs the real receiver over a real SQLite store. The figures are in docs/adr/0001.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from app.cli.broker import free_port, start
from app.store.migrate import migrate
from config.server import server_command
from config.settings import Settings

SECRET = "bench-secret"  # noqa: S105
SECONDS = 6.0
CONNECTIONS = 16
SLOW = 1500


def command(server: str, port: int) -> list[str]:
    """How each server is started, with the best options known for it."""
    match server:
        case "granian":
            return ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
                    "--blocking-threads", "4", "--no-ws", "--log-level", "error", "app.web.wsgi:app"]  # fmt: skip
        case "gunicorn":
            return ["gunicorn", "-w", "2", "--threads", "8", "-k", "gthread", "-b", f"127.0.0.1:{port}",
                    "--log-level", "error", "app.web.wsgi:app"]  # fmt: skip
        case "waitress":
            return server_command(Settings(port=port))
    raise SystemExit(f"unknown server {server}")


def delivery(number: int) -> bytes:
    """One signed Zendesk delivery of about 4 KB as a raw HTTP request."""
    body = (
        b'{"type":"zen:event-type:ticket.created","id":"%d","subject":"zen:ticket:%d","detail":{"id":"%d",'
        b'"description":"%s"},"event":{}}' % (number, number, number, b"x" * 3900)
    )
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(hmac.new(SECRET.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()
    head = (
        "POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"X-Zendesk-Webhook-Signature: {signature}\r\nX-Zendesk-Webhook-Signature-Timestamp: {stamp}\r\n"
        f"X-Zendesk-Webhook-Invocation-Id: {os.getpid()}-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def client(port: int, numbers: list[int], until: float, taken: list[float], bad: list[bytes]) -> None:
    """One keep-alive connection that posts until time is up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        numbers[0] += 1
        request = delivery(numbers[0])
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        await reader.readexactly(length)
        taken.append(time.perf_counter() - began)
        if b" 202 " not in head.split(b"\r\n", 1)[0]:
            bad.append(head.split(b"\r\n", 1)[0])
    writer.close()


def throughput(port: int, numbers: list[int]) -> tuple[float, float, float, int]:
    """Deliveries a second, median and p99 in ms, answers that were not 202."""
    taken: list[float] = []
    bad: list[bytes] = []

    async def all_clients() -> None:
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(client(port, numbers, until, taken, bad) for _ in range(CONNECTIONS)))

    asyncio.run(all_clients())
    taken.sort()
    return len(taken) / SECONDS, taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000, len(bad)


def post(port: int, number: int, timeout: float = 5.0) -> tuple[float, str]:
    """Seconds for one healthy delivery on a new connection, and its status line."""
    began = time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(delivery(number))
            answer = connection.recv(200)
    except OSError as error:
        return time.perf_counter() - began, type(error).__name__
    return time.perf_counter() - began, answer.split(b"\r\n", 1)[0].decode()


def slow_sockets(port: int, numbers: list[int]) -> tuple[float, int, int]:
    """Slowest of ten healthy deliveries beside 1,500 sockets that never finish their request; how many were accepted
    healthy; how many of the slow ones the server dropped within 20 s."""
    held = []
    for _ in range(SLOW):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        connection.sendall(b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{")
        held.append(connection)
    results = []
    for _ in range(10):
        numbers[0] += 1
        results.append(post(port, numbers[0]))
    time.sleep(20)
    dropped = 0
    for connection in held:
        connection.setblocking(False)
        try:
            dropped += connection.recv(1000) is not None
        except BlockingIOError:
            pass
        except OSError:
            dropped += 1
        connection.close()
    return max(taken for taken, _ in results), sum(" 202" in status for _, status in results), dropped


def chunked(port: int, size: int = 5 * 1024 * 1024) -> str:
    """What a chunked body of 5 MiB is answered with."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        head = (
            b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        try:
            connection.sendall(head)
            for _ in range(size // 65536):
                connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        try:
            return connection.recv(100).split(b"\r\n", 1)[0].decode() or "closed without an answer"
        except OSError as error:
            return type(error).__name__


def cpu_seconds(group: int) -> float:
    """User and system seconds of a process group so far."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measure(server: str, folder: Path, redis_url: str) -> None:
    """Print one row for a server."""
    port = free_port()
    database = f"sqlite:///{folder}/{server}.db"
    migrate(database)
    env = {
        **os.environ,
        "DATABASE_URL": database, "REDIS_URL": redis_url, "TRIAGE_LOG_LEVEL": "error",
        "TRIAGE_ZENDESK__BENCH__SUBDOMAIN": "bench", "TRIAGE_ZENDESK__BENCH__WEBHOOK_SECRET": SECRET,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", *command(server, port)], env=env, start_new_session=True)
    try:
        numbers = [0]
        while "202" not in post(port, numbers[0])[1]:
            numbers[0] += 1
            time.sleep(0.1)
        before = cpu_seconds(process.pid)
        rate, median, p99, bad = throughput(port, numbers)
        cpu = (cpu_seconds(process.pid) - before) / (rate * SECONDS) * 1e6
        answer = chunked(port)
        slowest, healthy, dropped = slow_sockets(port, numbers)
        print(
            f"{server:9} {rate:7.0f}/s  {cpu:6.0f} us CPU  p50 {median:6.1f} ms  p99 {p99:6.1f} ms  not 202: {bad}  "
            f"chunked 5 MiB: {answer}  beside {SLOW} slow sockets: {healthy}/10 in time, slowest {slowest:.2f} s, "
            f"{dropped} dropped in 20 s",
            flush=True,
        )
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> None:
    """Measure the named servers, or all three."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = start(folder / "broker")
        try:
            for server in sys.argv[1:] or ["granian", "waitress", "gunicorn"]:
                measure(server, folder, broker.url)
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
