"""Where the steps of the chain lead: targets by name from the settings, tried in order until one gives a receipt."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from app.errors import Misconfigured, TriageError
from app.oncall.alert import Alert, Target

SECONDS = 5.0
"""How long a target may take to answer: whoever is woken should not wait for a pager that hangs."""

US = "https://events.pagerduty.com"
_BETWEEN = re.compile(r"\s+|,\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)|,\s*$")  # an address may hold commas
_PLAIN = {"pagerduty": "https", "pagerduty+http": "http"}


@dataclass(frozen=True, slots=True)
class Sent:
    """Which target gave its receipt, empty for none, and why those before it did not."""

    by: str
    failures: tuple[str, ...] = ()


def read(setting: str, secret: str, where: str) -> tuple[Target, ...]:
    """The targets that a setting names, in its order. Raises Misconfigured, which names ``where`` and no secret."""
    try:
        return tuple(_target(url, secret) for url in filter(None, _BETWEEN.split(setting.strip())))
    except Misconfigured as error:
        raise Misconfigured(error.what, where=where, mend=error.mend) from None


def first_that_takes(targets: Sequence[Target], alert: Alert, now: datetime) -> Sent:
    """Try the targets in order. One whose answer never came counts as one that failed: better two than none."""
    failures: list[str] = []
    for target in targets:
        try:
            target.send(alert, now)
        except TriageError as error:
            failures.append(f"{target.id}: {error}")
        else:
            return Sent(target.id, tuple(failures))
    return Sent("", tuple(failures))


def _target(url: str, secret: str) -> Target:
    parts = urlsplit(url)
    mark = hashlib.sha256(url.encode()).hexdigest()[:6]
    if parts.scheme in _PLAIN:
        from app.oncall.pagerduty import PagerDutyTarget

        key, at, host = parts.netloc.rpartition("@")
        key = key if at else host
        if not key or parts.path.strip("/"):
            raise Misconfigured(
                "a PagerDuty address is pagerduty://ROUTING_KEY",
                mend="put the integration key of an Events API v2 integration behind it; in the EU "
                "pagerduty://ROUTING_KEY@events.eu.pagerduty.com",
            )
        if _PLAIN[parts.scheme] == "http" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise Misconfigured("pagerduty+http:// is for a double on this machine", mend="write pagerduty://...")
        base = f"{_PLAIN[parts.scheme]}://{host}" if at else US
        return PagerDutyTarget(f"pagerduty-{mark}", key, base, SECONDS)
    if parts.scheme in ("https", "http"):
        from app.oncall.webhook import WebhookTarget

        if not parts.hostname:
            raise Misconfigured("a webhook's address has no host", mend="write it as https://host/path")
        if not secret:
            raise Misconfigured("nothing to sign a webhook with", mend="set TRIAGE_PAGER_SECRET")
        return WebhookTarget(f"webhook-{mark}", url, secret, SECONDS)
    if not parts.scheme:
        raise Misconfigured(
            "an address has no scheme",
            mend="write pagerduty://ROUTING_KEY, https://host/path, or an Apprise address such as mailto://...",
        )
    from app.oncall.notify import NotifyTarget, opened

    opened(url)
    return NotifyTarget(f"{parts.scheme}-{mark}", url)
