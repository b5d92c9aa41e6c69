"""What an account must have for Firstline to do its work there, what setting it up does, and what a look at it finds.

Values only: the vendors' ``setup`` compares them with what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from app.triage.policy import Policy
from config.accounts import JiraAccount, ZendeskAccount

FIELDS = ("label", "second_label", "severity", "level", "destination")
"""Our names of the custom fields that a decision fills."""

TITLE = "Firstline"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the policies of an account name there: ``teams``, the groups that receive tickets, ``priorities``, the words
    that a severity may be shown by, and by state its statuses. All in the policies' order. ``moves``: their clocks
    move tickets to another status."""

    teams: tuple[str, ...]
    priorities: tuple[str, ...]
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the account should have. ``there``: nothing is to be done; ``make``: it can be made; ``cannot``:
    a person must do it, and ``why`` says how."""

    kind: Literal["webhook", "trigger", "field", "group", "status"]
    name: str
    state: Literal["there", "make", "cannot"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order they must be taken, and what ``.env`` lacks for that which is there already: the
    account's settings by name, such as WEBHOOK_SECRET. The values may be secrets."""

    steps: tuple[Step, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


State = Literal["ok", "fact", "unknown", "warn", "ill"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at one part found. ``mend`` is one sentence wherever something is to be done; nothing here holds a
    secret or an address."""

    what: str
    state: State
    why: str = ""
    mend: str = ""


def judged(what: str, why: str, mend: str, *, well: bool, otherwise: State = "ill") -> Finding:
    """A finding that is well or is not; the mend is told only when it is not."""
    return Finding(what, "ok", why) if well else Finding(what, otherwise, why, mend)


def wanted(vendor: Literal["zendesk", "jira"], policies: Iterable[Policy], groups: Mapping[str, str]) -> Wanted:
    """What these policies name at a vendor; ``groups`` are the account's own names of their destinations."""
    policies = tuple(policies)
    teams: dict[str, None] = {}
    priorities: dict[str, None] = {}
    statuses: dict[str, tuple[str, ...]] = {}
    for policy in policies:
        named = {name: part.team for name, part in policy.pack.destinations.items()}
        named |= {name: part.team for name, part in policy.pack.bundles.items()}
        teams |= dict.fromkeys(groups.get(name, team) for name, team in named.items())
        priorities |= dict.fromkeys(filter(None, policy.pack.priority.get(vendor, {}).values()))
        for state, names in policy.pack.statuses.items():
            statuses[state] = (*statuses.get(state, ()), *names.at(vendor))
    clocks = (clock for policy in policies for clock in policy.pack.clocks.values())
    moves = any(deed.state for clock in clocks for _, deed in clock.deeds)
    return Wanted(tuple(teams), tuple(priorities), statuses, moves)


def statuses_found(wanted: Wanted, there: Iterable[str]) -> Finding:
    """Which of the policies' states an account has no status for; that is no fault, tickets never get to be in them."""
    known = {name.casefold() for name in there}
    lacking = [
        f"{state} ({', '.join(dict.fromkeys(names))})"
        for state, names in wanted.statuses.items()
        if not known.intersection(map(str.casefold, names))
    ]
    if lacking:
        return Finding("statuses", "fact", f"none here means {', '.join(lacking)}")
    return Finding("statuses", "ok", f"all {len(wanted.statuses)} states have one")


def field_title(name: str) -> str:
    """What people see a custom field of ours called."""
    return f"{TITLE} {name.replace('_', ' ')}"


def is_ours(address: str, vendor: str, account: str) -> bool:
    """Whether a webhook's address is that of our receiver for this account, or for a vendor's only account."""
    path = urlsplit(address).path.rstrip("/")
    return path.endswith((f"/webhooks/{vendor}/{account}", f"/webhooks/{vendor}"))


def env_name(account: ZendeskAccount | JiraAccount, setting: str) -> str:
    """The environment variable of an account's setting."""
    vendor = "ZENDESK" if isinstance(account, ZendeskAccount) else "JIRA"
    return f"TRIAGE_{vendor}__{account.name.upper()}__{setting}"


def field_steps(
    account: ZendeskAccount | JiraAccount,
    by_title: Mapping[str, str],
    there: Container[str],
    *,
    unknown: str,
    make: Callable[[str], str],
) -> tuple[list[Step], dict[str, str]]:
    """A step for each of our fields, and the ids of those that are there. ``by_title`` has the ids of the account's
    fields by title in small letters, ``there`` all their ids; ``unknown`` says what a configured id is none of, and
    ``make`` what is made under a title."""
    steps, known = [], {}
    for name in FIELDS:
        configured = account.fields.get(name, "")
        field_id = configured or by_title.get(field_title(name).casefold(), "")
        if configured and configured not in there:
            steps.append(Step("field", name, "cannot", f"{configured} is no {unknown}: correct FIELDS"))
        elif field_id:
            steps.append(Step("field", name, "there"))
            known[name] = field_id
        else:
            steps.append(Step("field", name, "make", make(field_title(name))))
    return steps, known


def named_people(account: ZendeskAccount | JiraAccount) -> dict[str, str]:
    """The users that the account's settings name, each with the setting: AGENTS or PEOPLE."""
    given = {one.id: "AGENTS" for team in account.agents.values() for one in team}
    return given | {one: "PEOPLE" for ids in account.people.values() for one in ids}


def people_found(
    account: ZendeskAccount | JiraAccount,
    people: Mapping[str, Any],
    fits: Callable[[Mapping[str, Any]], bool],
    *,
    unfit: str,
    mend: str = "",
    fit: str,
) -> Iterator[Finding]:
    """A finding for each user who is named and is not there or does not fit (``unfit`` with the id, and what mends it
    besides the setting), or one that all of them do."""
    given = named_people(account)
    wrong = [user_id for user_id in given if user_id not in people or not fits(people[user_id])]
    for user_id in wrong:
        yield Finding("person", "ill", unfit.format(user_id), f"correct {env_name(account, given[user_id])}{mend}")
    if given and not wrong:
        yield Finding("people", "ok", f"all {len(given)} are {fit}")
