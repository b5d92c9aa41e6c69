"""Everything else by Apprise: e-mail, chat, SMS and calls, one address each (``mailto://``, ``slack://``, ``twilio://``).

Apprise says yes or no and never why, so it is a fine way to reach people and no way to find a fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.errors import Misconfigured, Unavailable
from app.oncall.alert import Alert

MEND = "pip install 'firstline[notify]', or for a checkout: .venv/bin/pip install 'apprise>=2.2,<3'"


@dataclass(frozen=True, slots=True)
class NotifyTarget:
    """One address. What it sends is over once it is sent: it takes no acknowledgement and no end."""

    id: str
    url: str = field(repr=False)
    follows: bool = False

    def send(self, alert: Alert, now: datetime) -> None:
        """Deliver once. Raises Unavailable where Apprise says no."""
        plugin = opened(self.url)
        body = "\n".join(filter(None, (alert.text, alert.url)))
        try:
            taken = plugin.notify(body=body, title=alert.summary)
        except Exception as error:  # a plugin's own fault, whose text may hold the address
            raise Unavailable(f"its Apprise plugin failed ({type(error).__name__})") from None
        if not taken:
            raise Unavailable("Apprise could not deliver it")


def opened(url: str) -> Any:
    """Apprise's plugin for an address. Raises Misconfigured where Apprise is missing or knows no such address."""
    try:
        import apprise
    except ImportError:
        raise Misconfigured("this address needs Apprise, which is not installed", mend=MEND) from None
    plugin = apprise.Apprise.instantiate(url)
    if plugin is None:
        raise Misconfigured(
            "Apprise cannot read this address",
            mend="write it as its service asks: https://github.com/caronc/apprise/wiki",
        )
    return plugin
