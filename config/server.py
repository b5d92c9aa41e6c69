"""The production web server and its options; docs/adr/0001 says why this one."""

from __future__ import annotations

from config.settings import Settings

MAX_BODY = 1024 * 1024


def server_command(settings: Settings) -> list[str]:
    """The module to run with its arguments."""
    return [
        "waitress",
        f"--host={settings.host}",
        f"--port={settings.port}",
        "--threads=8",
        "--connection-limit=2000",
        "--asyncore-use-poll",
        "--channel-timeout=10",
        f"--max-request-body-size={MAX_BODY}",
        "app.web.wsgi:app",
    ]
