"""Which tickets may match each other: those of one tenant, and those about security only among themselves."""

from __future__ import annotations

from app.triage.decision import Label

_SECURITY = "/security"  # no tenant's name holds a slash


def space_of(tenant: str, label: Label) -> str:
    """The space that a ticket of a tenant with this label belongs to. No match crosses a space."""
    return tenant + _SECURITY if label is Label.SECURITY else tenant
