"""What the README promises of starting: one command, the Procfile, one process without Redis, one Ctrl-C to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from app.cli.broker import free_port
from tests.conftest import ROOT
from tests.e2e.installation import Installation

QUESTION = ("Time zone", "Hello, how do I change the time zone of my profile? Where is that setting?")


@contextmanager
def started(words: list[str], folder: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program in its own session and folder; killed with all its children when it is still there at the end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    process = subprocess.Popen(
        words, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        env={**clean, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **env},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def stop(process: subprocess.Popen[str]) -> str:
    """Ctrl-C, and everything the program said."""
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=40)
    return said


def wait_for(condition: object, seconds: float = 60.0) -> None:
    """Wait until it holds; connection errors count as not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():  # type: ignore[operator]
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def listed(web: str) -> int:
    """How many tickets the page shows as decided."""
    return requests.get(web, timeout=5).text.count('<td><span class="sev ')


@pytest.mark.parametrize("broker", ["", "memory://"], ids=["private-broker", "one-process"])
def test_up_triages_the_sandboxes_tickets_shows_them_and_stops_cleanly(tmp_path: Path, broker: str) -> None:
    port = free_port()
    web = f"http://127.0.0.1:{port}/"
    env = {"PORT": str(port), **({"REDIS_URL": broker} if broker else {})}
    with started([sys.executable, "-m", "app.cli", "up", "--over", "4"], tmp_path, env) as process:
        wait_for(lambda: listed(web) >= 50)
        first_line = requests.get(web, timeout=5).text
        said = stop(process)
        assert process.returncode == 0, said
    assert "sandbox" in first_line
    lines = [line for line in said.splitlines() if "add_note" in line]
    assert len(lines) >= 50
    assert said.splitlines()[0].startswith("broker " + ("memory" if broker else ""))
    assert " · store sqlite:///" in said.splitlines()[0]
    assert "Traceback" not in said
    assert said.rstrip().endswith("stopped")
    with pytest.raises(requests.ConnectionError):
        requests.get(web, timeout=2)


def test_fifty_effects_can_be_read_back_from_the_sandbox(tmp_path: Path) -> None:
    port = free_port()
    env = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/named.db"}  # a store of one's own is kept
    with started([sys.executable, "-m", "app.cli", "up", "--over", "4"], tmp_path, env) as process:
        assert process.stdout is not None
        address = ""
        while not address:
            line = process.stdout.readline()
            assert line, "it ended before the sandbox was ready"
            if line.startswith("sandbox ready on "):
                address = line.split()[-1]
        wait_for(lambda: noted(address) >= 50)
        stop(process)


def noted(sandbox: str) -> int:
    """How many tickets of the sandbox carry our note, read from the vendors' side."""
    tickets = requests.get(f"{sandbox}/control/zendesk/tickets", timeout=10).json()
    issues = requests.get(f"{sandbox}/control/jira/issues", timeout=10).json()
    return sum("Firstline note" in str(one["comments"]) for one in [*listing(tickets), *listing(issues)])


def listing(answer: object) -> list[dict[str, object]]:
    """The control API lists either plainly or under a name."""
    if isinstance(answer, dict):
        return next(value for value in answer.values() if isinstance(value, list))
    assert isinstance(answer, list)
    return answer


@pytest.mark.policy("U-02", "U-13")
def test_the_procfile_works_as_it_stands(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    bin_folder = str(Path(sys.executable).parent)
    env = {**installation.env, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    try:
        subprocess.run(lines["release"].split(), env=env, check=True, cwd=tmp_path)
        installation.start("sandbox")
        honcho = [sys.executable, "-m", "honcho", "-f", str(ROOT / "Procfile"), "-d", str(tmp_path)]
        with started([*honcho, "start", "web", "worker", "beat"], tmp_path, env) as process:
            wait_for(lambda: requests.get(f"{installation.web}/readyz", timeout=5).status_code == 200)
            ref = installation.customer_writes("zendesk", *QUESTION)
            decision = installation.wait_until_decided(ref)
            assert decision["label"] == "Guidance"
            said = stop(process)
        assert "Traceback" not in said
    finally:
        installation.stop()


def test_explain_tells_what_was_decided_and_written(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    try:
        installation.start()
        ref = installation.customer_writes("zendesk", *QUESTION)
        installation.wait_until_decided(ref)
        installation.wait_until_quiet()
        out = subprocess.run(
            [sys.executable, "-m", "app.cli", "explain", str(ref)],
            env=installation.env, capture_output=True, text=True, check=True, cwd=ROOT,
        ).stdout  # fmt: skip
    finally:
        installation.stop()
    assert out.startswith("P3 · Guidance")
    assert "- add_note: confirmed" in out
