"""The error tree. Three words decide what happens next: rejected, retryable, permanent.

Only ``app.vendors.*.client`` turns the exceptions of the vendors' libraries into these. No message holds text
that a customer wrote, an address or a secret: messages go to logs and to the board.
"""

from __future__ import annotations


class TriageError(Exception):
    """Base of all errors this product raises on purpose."""


class Misconfigured(TriageError):
    """A setting or a policy cannot be used. ``where`` names the place, ``mend`` says what to do."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.mend = what, where, mend

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"where: {self.where}")
        if self.mend:
            parts.append(f"mend: {self.mend}")
        return "\n  ".join(parts)


class Rejected(TriageError):
    """A delivery that the receiver turns away at the door; ``status`` is the HTTP answer."""

    status = 400
    reason = "rejected"


class BadSignature(Rejected):
    """The signature is missing, wrong, or outside the replay window."""

    status = 401
    reason = "bad_signature"


class UnknownAccount(Rejected):
    """No account of that name is configured."""

    status = 404
    reason = "unknown_account"


class TooLarge(Rejected):
    """The body is over the cap."""

    status = 413
    reason = "too_large"


class NotJson(Rejected):
    """The content type is not JSON."""

    status = 415
    reason = "not_json"


class Malformed(Rejected):
    """The signature held but the body cannot be read. The receiver parks it with its raw bytes."""

    status = 400
    reason = "malformed"


class Retryable(TriageError):
    """Try the ticket again later. ``after`` is the vendor's wish in seconds, None where it named none."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Busy(Retryable):
    """The vendor limits us (429)."""


class Unavailable(Retryable):
    """The vendor cannot be reached or answers 5xx; nothing was written by this request."""


class Held(Unavailable):
    """The request did not go out: the budget of the vendor's limits is used up, or its circuit breaker is open."""


class Conflict(Retryable):
    """The ticket changed between our read and our write (409): fetch and decide again."""


class OutcomeUnknown(Retryable):
    """A write was sent and its answer never came: read the ticket before sending anything again."""


class Permanent(TriageError):
    """Trying again cannot help: the ticket is parked for a person."""


class Gone(Permanent):
    """The ticket does not exist (any more), or we may not see it."""


class Refused(Permanent):
    """The vendor understood the request and said no (400, 403, 422). ``fields`` are those it blamed, by its names."""

    def __init__(self, message: str, *, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class Unauthorized(Refused):
    """The vendor refused our credentials (401): the account's trouble, not the ticket's."""
