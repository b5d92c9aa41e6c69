"""The cast: the organisations that write to us, the teams, and the people in them. All invented."""

from __future__ import annotations

from dataclasses import dataclass

WORKER_EMAIL = "firstline@sandbox.example"
WORKER_TOKEN = "sandbox"  # noqa: S105 - known to everybody: it opens the sandbox only


@dataclass(frozen=True, slots=True)
class Organization:
    """A customer. ``tier`` is Enterprise, Pro or Free."""

    name: str
    tier: str
    domain: str


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody of the support desk; ``team`` is one of ``TEAMS``."""

    name: str
    email: str
    team: str


TEAMS = (
    "Frontline Support",
    "Senior / Technical Support",
    "Engineering",
    "Product Management",
    "Security Team",
    "Finance / Billing",
    "On-Call",
)

ORGANIZATIONS = (
    Organization("Harbour & Finch Logistics", "Enterprise", "harbourfinch.example"),
    Organization("Brightwell Clinics", "Enterprise", "brightwell.example"),
    Organization("Kestrel Mutual Bank", "Enterprise", "kestrelmutual.example"),
    Organization("Ostrava Steelworks", "Enterprise", "ostravasteel.example"),
    Organization("Lumen Press", "Pro", "lumenpress.example"),
    Organization("Tidewater Robotics", "Pro", "tidewater.example"),
    Organization("Oakline Schools", "Pro", "oakline.example"),
    Organization("Grünfeld Maschinenbau", "Pro", "gruenfeld.example"),
    Organization("Solstice Games", "Pro", "solsticegames.example"),
    Organization("Cala Blava Viajes", "Free", "calablava.example"),
    Organization("Pico Bakery", "Free", "picobakery.example"),
)

AGENTS = (
    Agent("Dana Okafor", "dana@sandbox.example", "Frontline Support"),
    Agent("Miguel Soares", "miguel@sandbox.example", "Senior / Technical Support"),
    Agent("Priya Raman", "priya@sandbox.example", "Engineering"),
    Agent("Jonas Weiss", "jonas@sandbox.example", "Finance / Billing"),
    Agent("Sofia Lindqvist", "sofia@sandbox.example", "Security Team"),
)
