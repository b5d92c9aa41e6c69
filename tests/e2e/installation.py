"""A whole installation for a test: sandbox vendors, receiver under its production server, workers, beat. Real parts,
real sockets, a real broker. Everything is started on free ports and ended by pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from app.cli import broker as brokers
from app.store.migrate import migrate
from app.store.store import Store
from app.triage.ticket import Ref

PATIENCE = 30.0


class Installation:
    """One installation in ``folder``. ``start()`` brings everything up; ``stop()`` ends it. ``env`` adds variables."""

    pause = 0.05
    """Seconds between two looks at what is waited for."""

    apart: Mapping[str, str] = {
        "TRIAGE_DUPLICATES__LINK": "1",
        "TRIAGE_DUPLICATES__STORM__CUSTOMERS": "1000",
        "TRIAGE_DUPLICATES__STORM__SURE": "[]",
    }
    """Tests file the same text again and again: each ticket stands for itself."""

    def __init__(self, folder: Path, *, database: str = "", env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port, self.sandbox_port = brokers.free_port(), brokers.free_port()
        self.web, self.sandbox = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.sandbox_port}"
        self.database = database or f"sqlite:///{folder}/store.db"
        self.broker = brokers.start(folder / "broker")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.http = requests.Session()
        self.http.trust_env = False
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")},
            "PORT": str(self.port),
            "DATABASE_URL": self.database,
            "REDIS_URL": self.broker.url,
            "TRIAGE_SANDBOX": "true",
            "TRIAGE_METRICS_DIR": str(folder / "metrics"),
            "TRIAGE_SWEEP_SECONDS": "1",
            "TRIAGE_LEASE_SECONDS": "5",
            "TRIAGE_SHUTDOWN_SECONDS": "1",
            "TRIAGE_LOG_FORMAT": "json",
            "SANDBOX_ZENDESK_SECRET": "zendesk-secret",
            "SANDBOX_JIRA_SECRET": "jira-secret",
        }
        for vendor in ("zendesk", "jira"):
            prefix = f"TRIAGE_{vendor.upper()}__SANDBOX__"
            self.env[prefix + "URL"] = f"{self.sandbox}/{vendor}"
            self.env[prefix + "EMAIL"] = "firstline@sandbox.example"
            self.env[prefix + "TOKEN"] = "sandbox"
            self.env[prefix + "WEBHOOK_SECRET"] = f"{vendor}-secret"
            self.env[prefix + "TIMEOUT"] = "2"
            self.env[prefix + "REQUESTS_PER_MINUTE"] = "2500"  # as the sandbox says
        self.env["TRIAGE_JIRA__SANDBOX__TRIAGED_STATUS"] = "Triaged"
        self.env["TRIAGE_JIRA__SANDBOX__FIELDS"] = '{"label": "customfield_10051"}'
        self.env["TRIAGE_ZENDESK__SANDBOX__FIELDS"] = '{"severity": "36000000000101", "label": "36000000000102"}'
        self.env.update({**self.apart, **(env or {})})

    def start(self, *names: str) -> None:
        """Start the named processes, or all of them, and wait until each is there."""
        migrate(self.database)
        for name in names or ("sandbox", "serve", "worker", "beat"):
            self.start_one(name)
        self.store = Store(self.database)

    def wait_until_ready(self) -> None:
        """Wait until it says that it is ready: then the receiver can know our own edits from others'."""
        self.wait_until(lambda: self.http.get(f"{self.web}/readyz", timeout=5).ok, "the installation is ready")

    def start_one(self, name: str, label: str | None = None) -> subprocess.Popen[bytes]:
        """Start one process of the installation; ``label`` tells a second one of the same kind apart."""
        log = (self.folder / f"{label or name}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", *self.command(name)], env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        self.processes[label or name] = process
        if name in ("sandbox", "serve"):
            self._wait_for_port(self.sandbox_port if name == "sandbox" else self.port, process)
        return process

    def command(self, name: str) -> list[str]:
        """The module that is a process of this name, with its arguments."""
        if name == "sandbox":
            return ["app.cli", name, "--", "--port", str(self.sandbox_port), "--webhooks", self.web, "--no-seed"]
        return ["app.cli", name]

    def kill(self, name: str) -> None:
        """SIGKILL a process and all its children, as a power cut would."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self) -> None:
        """End everything this installation started."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)
        self.broker.stop()
        if hasattr(self, "store"):
            self.store.close()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the sandbox's control API."""
        answer = self.http.request(method, f"{self.sandbox}/control{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def restart_broker(self, *, wiped: bool) -> None:
        """Kill Redis and start it again on the same address, with or without what it held."""
        assert self.broker.process is not None
        os.kill(self.broker.process.pid, signal.SIGKILL)
        self.broker.process.wait()
        folder = self.folder / ("broker-wiped" if wiped else "broker")
        address = self.broker.url.rsplit("@", 1)[1]
        password = self.broker.url.split(":", 2)[2].rsplit("@", 1)[0]
        self.broker = brokers.start(folder, port=int(address.split(":")[1].split("/")[0]), password=password)

    def logs(self) -> str:
        """Everything the processes said."""
        return "\n".join(
            f"--- {file.name}\n{file.read_text(errors='replace')[-6000:]}" for file in self.folder.glob("*.log")
        )

    def decided(self, ref: Ref) -> Mapping[str, Any] | None:
        """The newest decision about a ticket as JSON."""
        history = self.store.history(ref)
        return history[-1] if history else None

    def wait_until(self, holds: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Wait until something holds and return it; fail with the processes' logs when it does not."""
        deadline = time.monotonic() + seconds
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.logs()}")
            time.sleep(self.pause)

    def wait_until_quiet(self) -> None:
        """Wait until no delivery is under way and no ticket is due, leased or waiting."""

        def quiet() -> bool:
            pending = self.control("GET", "/webhooks")["pending"]
            return pending == 0 and self.store.backlog(datetime.now(UTC))[1] == 0.0

        self.wait_until(quiet, "everything is quiet")

    def customer_writes(self, vendor: str, subject: str, body: str, **more: Any) -> Ref:
        """A customer files a ticket in the sandbox; returns its reference."""
        where = "/zendesk/tickets" if vendor == "zendesk" else "/jira/issues"
        made = self.control("POST", where, {"subject": subject, "body": body, **more})
        return (
            Ref("zendesk", "sandbox", str(made["id"])) if vendor == "zendesk" else Ref("jira", "sandbox", made["key"])
        )

    def at_vendor(self, ref: Ref) -> Any:
        """The ticket's full state at the vendor."""
        where = "/zendesk/tickets/" if ref.vendor == "zendesk" else "/jira/issues/"
        return self.control("GET", where + ref.id)

    def notes(self, ref: Ref) -> list[Any]:
        """The comments at the vendor that carry our mark."""
        return [comment for comment in self.at_vendor(ref)["comments"] if "Firstline note" in str(comment["body"])]

    def answers(self, ref: Ref) -> list[Any]:
        """The public comments at the vendor that our own account wrote."""
        state = self.at_vendor(ref)
        if ref.vendor == "zendesk":
            return [one for one in state["comments"] if one["public"] and one["author_id"] == self._us("zendesk")]
        return [one for one in state["comments"] if one["public"] and one["author"] == self._us("jira")]

    def _us(self, vendor: str) -> Any:
        """Our own user's id, as the first sweep learned it."""
        beat = self.wait_until(lambda: self.store.last(f"{vendor}:sandbox"), f"{vendor} was asked who we are")
        known = beat.detail["user_id"]
        return int(known) if vendor == "zendesk" else known

    def wait_until_decided(self, ref: Ref, seconds: float = PATIENCE) -> Mapping[str, Any]:
        """Wait for the first decision about a ticket to be written and remembered."""
        decided: Mapping[str, Any] = self.wait_until(lambda: self.decided(ref), f"{ref} is decided", seconds)
        return decided

    def _wait_for_port(self, port: int, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"a process ended at once\n{self.logs()}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError(f"nothing listens on {port}\n{self.logs()}")
