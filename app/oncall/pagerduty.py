"""PagerDuty's Events API v2, by its own client (PagerDuty: "Send an alert event").

The receipt is the 202 with our dedup key. The client sleeps and tries again by itself; here the next target is asked
instead, so every answer but the receipt ends the attempt.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pagerduty import EventsApiV2Client

from app.errors import Busy, OutcomeUnknown, Refused, TriageError, Unavailable
from app.oncall.alert import Alert

_LONGEST_SUMMARY = 1024  # characters, "Send an alert event"


@dataclass(frozen=True, slots=True)
class PagerDutyTarget:
    """One service's integration. ``base_url`` is that of the service region, ``seconds`` how long it may take to
    answer."""

    id: str
    routing_key: str = field(repr=False)
    base_url: str
    seconds: float
    follows: bool = True

    def send(self, alert: Alert, now: datetime) -> None:
        """Deliver once. Raises Unavailable, Busy, OutcomeUnknown or Refused; never names the routing key."""
        over_tls = self.base_url.startswith("https")  # a double on this machine has no certificate to verify
        client = _Once(self.routing_key, base_url=self.base_url, verify=over_tls)
        client.timeout = self.seconds
        try:
            taken = client.send_event(alert.action, dedup_key=alert.dedup_key, **_properties(alert))
        except TriageError:
            raise
        except Exception as error:  # the client's, or that of the HTTP library below it; their texts hold addresses
            cause = type(error.__cause__ or error).__name__
            raise Unavailable(f"PagerDuty gave no usable answer ({cause})") from None
        finally:
            client.close()
        if taken != alert.dedup_key:
            raise OutcomeUnknown("PagerDuty's receipt names another incident")


class _Once(EventsApiV2Client):  # type: ignore[misc]  # skipped by mypy: it need not be installed there
    """The client without its pauses, which also takes the address of a double on this machine, over http."""

    max_network_attempts = 0
    _url = ""

    @property
    def url(self) -> str:
        """The base address of the API."""
        return self._url

    @url.setter
    def url(self, address: str) -> None:
        self._url = address

    def postprocess(self, response: Any) -> None:
        """Called with every answer, before the client would wait and try again."""
        status = response.status_code
        if status == 202:
            return
        if status == 429:
            after = None
            with suppress(ValueError):
                after = float(response.headers.get("Retry-After", ""))
            raise Busy("PagerDuty limits us (429)", after=after)
        if status >= 500:
            raise Unavailable(f"PagerDuty answers {status}")
        raise Refused(f"PagerDuty answers {status}")


def _properties(alert: Alert) -> dict[str, Any]:
    if alert.action != "trigger":
        return {}
    return {
        "payload": {
            "summary": alert.summary[:_LONGEST_SUMMARY],
            "source": alert.ticket,
            "severity": "critical" if alert.severity == "P0" else "error",
            "timestamp": alert.at.isoformat(),
            "custom_details": {"step": alert.step, "text": alert.text, "severity": alert.severity, "late": alert.late},
        },
        "links": [{"href": alert.url, "text": alert.ticket}] if alert.url else [],
        "client": "Firstline",
    }
