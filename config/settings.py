"""Every environment variable, typed, with its default and one sentence. The README's table is tested against this file.

All start with ``TRIAGE_`` (``PORT``, ``REDIS_URL`` and ``DATABASE_URL`` also work without it, as platforms set them);
``__`` parts the nested ones: ``TRIAGE_ZENDESK__ACME__TOKEN`` is the token of the Zendesk account named ``acme``.
A ``.env`` file in the working directory is read; the environment wins over it. A ``TRIAGE_`` variable that is no
setting is a knob of the policy (``app.triage.environment``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, NoDecode, SettingsConfigDict

from config.accounts import JiraAccount, Mode, Name, PagerTargets, ZendeskAccount

_PREFIX = "TRIAGE_"


class Settings(BaseSettings):
    """All settings. Build it once a process, in the doors; everything else is handed what it needs."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", env_file=".env", extra="ignore", populate_by_name=True
    )

    host: str = Field(default="127.0.0.1", description="Address the receiver listens on; 0.0.0.0 for all.")
    port: int = Field(
        default=8080, ge=0, le=65535, validation_alias=AliasChoices("TRIAGE_PORT", "PORT"), description="Its port."
    )
    database_url: str = Field(
        default="sqlite:///var/firstline.db",
        validation_alias=AliasChoices("TRIAGE_DATABASE_URL", "DATABASE_URL"),
        description="The store: sqlite:///path for one host, postgresql://... for more.",
    )
    redis_url: str = Field(
        default="",
        validation_alias=AliasChoices("TRIAGE_REDIS_URL", "REDIS_URL"),
        description="The broker. Empty: `triage up` starts a private one; `memory://`: everything in one process.",
    )
    zendesk: dict[Name, ZendeskAccount] = Field(
        default_factory=dict, description="Zendesk accounts by name: TRIAGE_ZENDESK__<NAME>__<SETTING>."
    )
    jira: dict[Name, JiraAccount] = Field(
        default_factory=dict, description="Jira sites by name: TRIAGE_JIRA__<NAME>__<SETTING>."
    )
    mode: Mode | None = Field(
        default=None,
        description="shadow: decide, write nothing; assist: tags, fields, notes; auto: all. Empty: auto in a sandbox.",
    )
    off: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Kill switches: kinds of action that are not carried out, such as reply,route."
    )
    rollout_percent: int = Field(
        default=100, ge=0, le=100, description="Share of tickets that are written to; the others are only decided."
    )
    rollout_brands: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Zendesk brand ids or Jira project keys that are written to; empty: all."
    )
    max_changes_per_run: int = Field(
        default=500, ge=1, description="Tickets that one sweep may change before it stops and tells the admins."
    )
    max_changes_per_hour: int = Field(
        default=5000, ge=1, description="Tickets that may be changed within an hour before everything stops."
    )
    gap_seconds: float = Field(
        default=600.0, gt=0, description="How often the vendors are asked for tickets whose webhook never came."
    )
    coverage_seconds: float = Field(
        default=900.0, gt=0, description="How late a look at an open ticket may be before `/readyz` is ill."
    )
    outdated_per_sweep: int = Field(
        default=20,
        ge=0,
        description="Open tickets of an account that a sweep looks at again because the policy changed; 0: none.",
    )
    policy: str = Field(default="unified", description="Policy pack by name, or the path of a pack file.")
    policy_by_brand: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Other policies by Zendesk brand id or Jira project key: 360001:octoacme,OPS:tiered-helpdesk.",
    )
    rules_file: str = Field(
        default="", description="Path of a YAML file with sections of a pack, laid over every policy."
    )
    known_issues_file: str = Field(
        default="", description="Path of a YAML file with known issues by their tags, laid over every policy."
    )
    github_repo: str = Field(
        default="", pattern=r"^([\w.-]+/[\w.-]+)?$", description="GitHub repository with known issues, as owner/name."
    )
    github_token: SecretStr = Field(default=SecretStr(""), description="Token for it; empty where it is public.")
    github_label: str = Field(default="known-issue", description="Label of its known issues.")
    github_tenant: str = Field(default="", description="Tenant whose they are; empty: the only one.")
    github_url: str = Field(
        default="https://api.github.com", pattern=r"^https?://\S+$", description="Address of GitHub's API."
    )
    model: str = Field(
        default="", description="Path of a model made by `triage train`; empty: the one that comes along; off: none."
    )
    engineering_email: str = Field(
        default="", description="Where engineering is told of an escalation when `escalation.message` is email."
    )
    engineering_webhook: SecretStr = Field(
        default=SecretStr(""), description="Address of the signed POST when `escalation.message` is webhook."
    )
    engineering_webhook_secret: SecretStr = Field(default=SecretStr(""), description="Secret it is signed with.")
    pager: PagerTargets = Field(
        default=PagerTargets(), description="Targets of the on-call chain by name: TRIAGE_PAGER__L2 and so on."
    )
    pager_secret: SecretStr = Field(
        default=SecretStr(""), description="Secret that messages to https:// targets are signed with."
    )
    pagerduty_secret: SecretStr = Field(
        default=SecretStr(""), description="Signing secret of PagerDuty's webhook to us."
    )
    pagerduty_secret_previous: SecretStr = Field(
        default=SecretStr(""), description="The secret before, accepted too while you rotate."
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="Mail server: smtp://user:password@host:587, or smtps:// for TLS always."
    )
    mail_from: str = Field(default="", description="Sender of our e-mails.")
    sandbox: bool = Field(
        default=False, description="Accept the published test secret; `triage up` sets it beside its sandbox."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="json, console, or auto: console on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level to log.")
    metrics_dir: Path = Field(
        default=Path("var/metrics"), description="Where the processes of this host share their metrics."
    )
    worker_processes: int = Field(default=2, ge=1, le=64, description="Celery worker child processes.")
    lease_seconds: int = Field(default=150, ge=5, description="How long one worker may hold a ticket.")
    max_tries: int = Field(default=5, ge=1, description="Starts of one ticket without an end before it is parked.")
    sweep_seconds: float = Field(default=30.0, gt=0, le=3600, description="How often the sweep looks for what is due.")
    shutdown_seconds: float = Field(
        default=20.0, ge=0, le=300, description="How long a worker goes on after SIGTERM; less than the platform waits."
    )
    max_decisions_per_hour: int = Field(
        default=20, ge=1, description="Decisions on one ticket in an hour before it is parked as a loop."
    )

    llm_url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Base address of a model's server that is asked for a second opinion; empty: none is asked.",
    )
    llm_model: str = Field(default="", max_length=128, description="The model's name there.")
    llm_key: SecretStr = Field(default=SecretStr(""), description="The key for it; empty where none is asked for.")
    llm_input_price: float | None = Field(default=None, ge=0, description="US dollars for a million tokens read.")
    llm_output_price: float | None = Field(default=None, ge=0, description="US dollars for a million tokens written.")
    llm_daily_usd: float = Field(default=1.0, ge=0, description="US dollars that may be spent a day (UTC).")
    llm_max_characters: int = Field(
        default=4000, ge=200, le=20_000, description="Characters of a ticket that are sent at most, after masking."
    )
    llm_timeout: float = Field(default=20.0, gt=0, le=30, description="Seconds to wait for an answer; asked twice.")
    llm_worker: Literal["own", "same"] = Field(
        default="own",
        description="own: `triage worker --opinions` asks and no other; same: every worker does.",
    )

    embeddings: Literal["on", "off"] = Field(
        default="off", description="on: compare what tickets report by a sentence model too; the extra `embeddings`."
    )

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, url: str) -> str:
        """Platforms say postgres://; SQLAlchemy wants the driver named."""
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @field_validator("off", "rollout_brands", mode="before")
    @classmethod
    def _words(cls, text: object) -> object:
        """``one,two`` as a list, in small letters."""
        return (
            tuple(filter(None, (word.strip().casefold() for word in text.split(","))))
            if isinstance(text, str)
            else text
        )

    @field_validator("policy_by_brand", mode="before")
    @classmethod
    def _pairs(cls, text: object) -> object:
        """``brand:pack,brand:pack`` as a map; brands in small letters, because their case does not matter."""
        if not isinstance(text, str):
            return text
        found: dict[str, str] = {}
        for pair in filter(None, map(str.strip, text.split(","))):
            brand, _, pack = (part.strip() for part in pair.rpartition(":"))
            if not brand or not pack:
                raise ValueError(f"{pair!r} is not brand:pack; write it as OPS:octoacme,SUP:tiered-helpdesk")
            if brand.casefold() in found:
                raise ValueError(f"brand {brand!r} stands there twice; name one policy for it")
            found[brand.casefold()] = pack
        return found

    @model_validator(mode="after")
    def _accounts_know_their_names(self) -> Settings:
        for accounts in (self.zendesk, self.jira):
            for name, account in list(accounts.items()):
                accounts[name] = account.model_copy(update={"name": name})  # type: ignore[assignment]
        return self

    @property
    def asks_model(self) -> bool:
        """Whether second opinions are asked for."""
        return bool(self.llm_url)

    def pagerduty_secrets(self) -> tuple[bytes, ...]:
        """The secrets of PagerDuty's webhook in force, newest first; empty when none is set."""
        both = (self.pagerduty_secret, self.pagerduty_secret_previous)
        return tuple(s.get_secret_value().encode() for s in both if s.get_secret_value())

    def has_vendors(self) -> bool:
        """Whether any real account is configured."""
        return bool(self.zendesk or self.jira)


@cache
def load() -> Settings:
    """The settings of this process. Raises pydantic's ValidationError, which the command line makes readable."""
    return Settings()


def environment_variables() -> dict[str, str]:
    """Every ``TRIAGE_`` variable of the environment and of ``.env``, by its name in capital letters; read by the same
    rules as the settings."""
    found = {**DotEnvSettingsSource(Settings).env_vars, **EnvSettingsSource(Settings).env_vars}
    return {name.upper(): value or "" for name, value in found.items() if name.upper().startswith(_PREFIX)}


def setting_names() -> frozenset[str]:
    """The names of all settings, as variables."""
    return frozenset(_PREFIX + field.upper() for field in Settings.model_fields)


def is_setting(variable: str) -> bool:
    """Whether a variable is a setting, or lies within one that has parts, such as ``TRIAGE_JIRA__ACME__URL``."""
    name, *within = variable.split("__")
    return name in setting_names() and (not within or name in _WITH_PARTS)


_WITH_PARTS = frozenset(
    _PREFIX + name.upper()
    for name, field in Settings.model_fields.items()
    for kind in (field.annotation, *get_args(field.annotation))
    if isinstance(kind, type) and issubclass(kind, BaseModel)
)
