"""The accounts at the vendors and the targets of on-call, as settings: what an admin tells of each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
ProjectKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")]
Mode = Literal["shadow", "assist", "auto"]
"""How much is written: nothing; tags, fields and notes with replies as drafts; everything."""


class Colleague(BaseModel):
    """Somebody who may be given tickets of a team."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, description="The user's id at the vendor (accountId at Jira Cloud).")
    skills: tuple[str, ...] = Field(default=(), description="Labels that this person takes; empty: all.")
    capacity: int | None = Field(default=None, ge=0, description="How many open tickets are enough; empty: no limit.")


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    url: str = Field(default="", description="Base address, such as https://acme.atlassian.net.")
    email: str = Field(default="", description="E-mail address of the user whose API token is used.")
    token: SecretStr = Field(default=SecretStr(""), description="API token of that user.")
    webhook_secret: SecretStr = Field(default=SecretStr(""), description="Signing secret of the webhook.")
    webhook_secret_previous: SecretStr = Field(
        default=SecretStr(""), description="The secret before, accepted too while you rotate."
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description='Custom fields to fill, as JSON: our name to the vendor\'s id, such as {"severity": "360001"}.',
    )
    groups: dict[str, str] = Field(
        default_factory=dict,
        description="Destination to group name, as JSON, where your team's name differs from the policy's.",
    )
    policy: str = Field(
        default="", description="Policy pack of this account's tickets; empty: TRIAGE_POLICY. A brand's own wins."
    )
    timeout: float = Field(default=10.0, gt=0, le=60, description="Seconds to wait for an answer from the vendor.")
    index_ticket: str = Field(
        default="", description="Id or key of the ticket that lists the known issues, a line each; empty: none does."
    )
    tenant: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9_-]{0,62})?$",
        description="Accounts of one tenant share known issues and find each other's tickets; empty: the name.",
    )
    mode: Mode | None = Field(default=None, description="shadow, assist or auto for this account; empty: TRIAGE_MODE.")
    people: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description='Role to user ids, as JSON: {"csm": ["360001"]}; they follow when told.'
    )
    agents: dict[str, tuple[Colleague, ...]] = Field(
        default_factory=dict,
        description='Team to those who are given its tickets in turn, as JSON: {"Tier 2": [{"id": "360002"}]}.',
    )
    requests_per_minute: int = Field(
        default=400, ge=1, description="Requests a minute that the account's plan allows; 700 for Zendesk Enterprise."
    )

    def secrets(self) -> tuple[bytes, ...]:
        """The webhook secrets in force, as bytes, newest first; empty when none is set."""
        both = (self.webhook_secret, self.webhook_secret_previous)
        return tuple(s.get_secret_value().encode() for s in both if s.get_secret_value())


class ZendeskAccount(_Account):
    """One Zendesk account."""

    subdomain: str = Field(default="", description="The part before .zendesk.com; enough when url is not set.")
    updates_per_minute: int = Field(
        default=100, ge=1, description="Ticket updates a minute: 100, 20 on trials and sandboxes, 300 with the add-on."
    )
    engineering: str = Field(
        default="", description="Name of the Jira account where issues are made for this account's tickets."
    )
    known_problems: Literal["all", "none"] = Field(
        default="all", description="Whether problem tickets that people made are known issues: all or none."
    )
    default_groups: list[str] = Field(
        default_factory=list, description="Groups that a ticket has before anybody routed it, as a JSON list."
    )

    @model_validator(mode="after")
    def _has_an_address(self) -> ZendeskAccount:
        if not (self.url or self.subdomain):
            raise ValueError("needs SUBDOMAIN (or URL)")
        return self

    @property
    def base_url(self) -> str:
        """The address of the account without a trailing slash."""
        return (self.url or f"https://{self.subdomain}.zendesk.com").rstrip("/")


class JiraAccount(_Account):
    """One Jira site, Cloud or Data Center."""

    deployment: Literal["cloud", "server"] = Field(
        default="cloud", description="cloud (Atlassian hosts it) or server (Data Center, Server)."
    )
    default_priority: str = Field(
        default="Medium", description="The priority Jira gives a new issue by itself; it counts as not set by a person."
    )
    projects: tuple[ProjectKey, ...] = Field(
        default=(), description="Keys of the projects whose issues are triaged, as a JSON list; empty: all."
    )
    known_issues_label: str = Field(
        default="known-issue", description="Label of the issues that are known issues; empty: none are read here."
    )
    known_issues_jql: str = Field(default="", description="JQL that finds them instead of the label.")
    triaged_status: str = Field(
        default="", description="Status to move a triaged issue to, when that move is available; empty: none."
    )

    @model_validator(mode="after")
    def _has_an_address(self) -> JiraAccount:
        if not self.url:
            raise ValueError("needs URL")
        return self

    @property
    def base_url(self) -> str:
        """The address of the site without a trailing slash."""
        return self.url.rstrip("/")


class PagerTargets(BaseModel):
    """Where each step of the on-call chain leads: addresses, tried in order until one gives a receipt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    l2: SecretStr = Field(default=SecretStr(""), description="Pages L2: pagerduty://ROUTING_KEY, https://... or both.")
    l3: SecretStr = Field(default=SecretStr(""), description="Pages L3.")
    email: SecretStr = Field(default=SecretStr(""), description="Gets the wake-up e-mail: mailto://...")
    call: SecretStr = Field(default=SecretStr(""), description="Calls the emergency contacts.")
    chat: SecretStr = Field(default=SecretStr(""), description="Gets a chat message: slack://...")

    def named(self) -> dict[str, str]:
        """The addresses that are set, by name."""
        told = {name: getattr(self, name).get_secret_value().strip() for name in type(self).model_fields}
        return {name: addresses for name, addresses in told.items() if addresses}
