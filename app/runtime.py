"""The only place where parts are put together. Everything else is handed what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

import config
from app.errors import Misconfigured, UnknownAccount
from app.triage.environment import Knobs, place
from app.triage.example import Example
from app.triage.examples import read_examples
from app.triage.layers import parse
from app.triage.modes import SWITCHES, Permission, unknown_switch
from app.triage.policies import Policies
from app.triage.policy import Policy, read
from app.triage.ticket import VENDORS, Ref, Ticket, VendorName
from config.settings import (
    JiraAccount,
    Settings,
    ZendeskAccount,
    environment_variables,
    is_setting,
    setting_names,
)

if TYPE_CHECKING:
    from celery import Celery

    from app.budget.connection import Connection
    from app.budget.gate import Budget
    from app.oncall.message import Message
    from app.queue import Doorbell
    from app.store.store import Store
    from app.vendors import VendorClient

PACKS = Path(config.__file__).parent / "packs"
_YAML = (".yaml", ".yml")
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Runtime:
    """One process's parts, each built on first use: the web process never loads zenpy or jira.

    ``variables`` are the environment's, as ``config.settings`` gives them.
    """

    settings: Settings
    variables: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = _utc_now
    clients: dict[tuple[str, str], VendorClient] = field(default_factory=dict)
    gates: dict[tuple[str, str], Budget] = field(default_factory=dict)

    @cached_property
    def store(self) -> Store:
        """The store. It must have been migrated (``triage migrate``)."""
        from app.store.store import Store

        return Store(self.settings.database_url)

    @cached_property
    def policies(self) -> Policies:
        """The policies in force. Raises Misconfigured."""
        policies = load_policies(self.settings, self.variables)
        for policy in policies:
            _reachable(policy, self.settings)
            _bridged(policy, self.settings)
        return policies

    def post(self, message: Message, channel: str) -> None:
        """Tell engineering by ``email`` or ``webhook``. Raises Retryable, OutcomeUnknown or Refused."""
        settings = self.settings
        if channel == "email":
            from app.oncall import email

            email.send(message, settings.smtp_url.get_secret_value(), settings.mail_from, settings.engineering_email)
            return
        from app.oncall import webhook

        address, secret = settings.engineering_webhook, settings.engineering_webhook_secret
        webhook.send(message, address.get_secret_value(), secret.get_secret_value(), self.now())

    @property
    def policy(self) -> Policy:
        """The policy of tickets whose account and brand have none of their own."""
        return self.policies.default

    def policy_for(self, ticket: Ticket) -> Policy:
        """The policy that a ticket is decided under, by its brand or its account."""
        return self.policies.of(ticket)

    def origins(self, policy: Policy) -> tuple[str, ...]:
        """The files and variables that a policy in force comes from, those that took something away among them."""
        knobs = (place(name) for name in sorted(self.variables) if not is_setting(name))
        return tuple(dict.fromkeys((*policy.origins, *knobs)))

    def record_policies(self) -> list[Policy]:
        """Write down in the store which policies were loaded; gives those that are new there. Raises Unavailable."""
        return [
            policy for policy in self.policies if self.store.record_policy(policy, self.origins(policy), self.now())
        ]

    @cached_property
    def celery(self) -> Celery:
        """The Celery application, for ringing and for inspecting the broker."""
        from app.queue import make

        return make(self.settings)

    @cached_property
    def doorbell(self) -> Doorbell:
        """The receiver's way to ring the workers."""
        from app.queue import Doorbell

        return Doorbell(self.celery)

    def accounts(self, vendor: str) -> Mapping[str, ZendeskAccount | JiraAccount]:
        """The configured accounts of a vendor by name. Raises UnknownAccount for a vendor that does not exist."""
        match vendor:
            case "zendesk":
                return self.settings.zendesk
            case "jira":
                return self.settings.jira
        raise UnknownAccount(f"{vendor!r} is not a vendor")

    def account(self, vendor: str, name: str | None) -> ZendeskAccount | JiraAccount:
        """An account by name, or the only one where no name is given. Raises UnknownAccount."""
        accounts = self.accounts(vendor)
        if name is None and len(accounts) == 1:
            return next(iter(accounts.values()))
        if name is None or name not in accounts:
            raise UnknownAccount(f"no {vendor} account {name or 'without a name'}; configured: {len(accounts)}")
        return accounts[name]

    def permission(self, ref: Ref) -> Permission:
        """What may be written to a ticket's account. Raises UnknownAccount."""
        return permission_of(self.account(ref.vendor, ref.account), self.settings)

    def permissions(self) -> dict[str, Permission]:
        """What may be written, by account: ``zendesk:acme``."""
        return {
            f"{vendor}:{name}": permission_of(account, self.settings)
            for vendor in VENDORS
            for name, account in self.accounts(vendor).items()
        }

    def client(self, vendor: VendorName, account: str) -> VendorClient:
        """The client of one account, one for this process. Raises UnknownAccount."""
        key = (vendor, account)
        if key not in self.clients:
            self.clients[key] = self._open(self.account(vendor, account), self.gate(vendor, account))
        return self.clients[key]

    def gate(self, vendor: VendorName, account: str) -> Budget:
        """The gate before one account: its limits, shared by all workers. Raises UnknownAccount."""
        from app.budget.gate import Budget
        from app.vendors.jira.limits import JiraLimits
        from app.vendors.zendesk.limits import ZendeskLimits

        key, found = (vendor, account), self.account(vendor, account)
        if key not in self.gates:
            limits = ZendeskLimits(found) if isinstance(found, ZendeskAccount) else JiraLimits(found)
            memory = self.settings.database_url
            self.gates[key] = Budget(f"{vendor}:{account}", limits, self._redis, self._clock, memory)
        return self.gates[key]

    def _clock(self) -> datetime:
        return self.now()  # asked each time: a test may put another clock in

    @cached_property
    def _redis(self) -> Connection | None:
        """This process's way to Redis besides Celery's; None where there is none."""
        from app.budget.connection import connect

        return connect(self.settings.redis_url)

    @staticmethod
    def _open(account: ZendeskAccount | JiraAccount, gate: Budget) -> VendorClient:
        if isinstance(account, ZendeskAccount):
            from app.vendors.zendesk.client import ZendeskClient

            return ZendeskClient(account, gate)
        from app.vendors.jira.client import JiraClient

        return JiraClient(account, gate)


def permission_of(account: ZendeskAccount | JiraAccount, settings: Settings) -> Permission:
    """What may be written to an account. Without a word from an admin that is nothing, except to the sandbox on this
    machine."""
    sandbox = settings.sandbox and urlsplit(account.base_url).hostname in _THIS_MACHINE
    return Permission(
        mode=account.mode or settings.mode or ("auto" if sandbox else "shadow"),
        off=frozenset(settings.off),
        percent=settings.rollout_percent,
        brands=frozenset(brand.casefold() for brand in settings.rollout_brands),
    )


def _reachable(policy: Policy, settings: Settings) -> None:
    """Raise Misconfigured where the policy sends messages and nothing says where to."""
    needed = {"email": ("engineering_email", "smtp_url", "mail_from"), "webhook": ("engineering_webhook",)}
    channel = policy.pack.escalation.message
    lacking = [f"TRIAGE_{name.upper()}" for name in needed.get(channel, ()) if not _plain(getattr(settings, name))]
    if lacking:
        raise Misconfigured(
            f"policy {policy.name} tells engineering by {channel}, and nothing says how",
            where="escalation.message",
            mend=f"set {', '.join(lacking)}, or let escalation.message be note",
        )


def _bridged(policy: Policy, settings: Settings) -> None:
    """Raise Misconfigured where issues are to be made at an account or in a project that nobody named."""
    for account in settings.zendesk.values():
        if not account.engineering:
            continue
        if account.engineering not in settings.jira:
            known = ", ".join(sorted(settings.jira)) or "none yet"
            raise Misconfigured(
                f"no Jira account is named {account.engineering!r}",
                where=f"TRIAGE_ZENDESK__{account.name.upper()}__ENGINEERING",
                mend=f"name a Jira account ({known}), or leave it empty: then no issue is made",
            )
        bare = next((rule.name for rule in policy.pack.rules.issues if not rule.then.project), None)
        if bare and not policy.pack.bridge.project:
            raise Misconfigured(
                f"policy {policy.name} makes issues by the rule {bare!r}, and nothing says in which project",
                where="bridge.project",
                mend="set TRIAGE_BRIDGE__PROJECT to the key of engineering's project, such as ENG",
            )


def _plain(value: str | SecretStr) -> str:
    return value if isinstance(value, str) else value.get_secret_value()


def build(settings: Settings) -> Runtime:
    """The parts for one process, under the environment's variables. Raises Misconfigured for a kill switch that would
    switch nothing off."""
    if wrong := unknown_switch(settings.off):
        raise Misconfigured(wrong, where="TRIAGE_OFF", mend=f"name some of {', '.join(SWITCHES)}")
    return Runtime(settings, environment_variables())


def load_policies(settings: Settings, variables: Mapping[str, str]) -> Policies:
    """The policies in force: each pack, over it the rules file, over both the environment's knobs. All are read and
    checked now. Raises Misconfigured that names the file and the line, or the variable, and the mend."""
    layers = [parse(*_text(settings.rules_file, "TRIAGE_RULES_FILE"))] if settings.rules_file else []
    knobs = Knobs({name: text for name, text in variables.items() if not is_setting(name)}, setting_names())
    loaded: dict[str, Policy] = {}

    def load(name: str, where: str) -> Policy:
        if name not in loaded:
            policy = read(*find_pack(name, where), find_pack, layers, knobs)
            if any(policy.name == other.name for other in loaded.values()):  # a decision could not say which it was
                raise Misconfigured(
                    f"two policies in force are named {policy.name!r}", where=where, mend="give each pack its own name"
                )
            loaded[name] = policy
        return loaded[name]

    default = load(settings.policy, "TRIAGE_POLICY")
    by_brand = settings.policy_by_brand.items()
    return Policies(
        default,
        {brand.casefold(): load(name, "TRIAGE_POLICY_BY_BRAND") for brand, name in by_brand},
        {
            (vendor, name): load(account.policy, f"TRIAGE_{vendor.upper()}__{name.upper()}__POLICY")
            for vendor, accounts in _accounts(settings)
            for name, account in accounts.items()
            if account.policy
        },
    )


def _accounts(settings: Settings) -> tuple[tuple[VendorName, Mapping[str, ZendeskAccount | JiraAccount]], ...]:
    return ("zendesk", settings.zendesk), ("jira", settings.jira)


def load_policy(name: str) -> Policy:
    """A pack by name, or the pack in a file, by itself. Raises Misconfigured that names file, line and mend."""
    return read(*find_pack(name), find_pack)


def examples_of(name: str) -> tuple[Example, ...]:
    """The examples of a pack: its own, and those in the file of its name in ``examples`` beside it.

    Raises Misconfigured.
    """
    return tuple(example for text, origin in example_texts(name) for example in read_examples(text, origin))


def example_texts(name: str) -> tuple[tuple[str, str], ...]:
    """The texts that a pack's examples stand in, each with how messages call it. Raises Misconfigured."""
    text, origin = find_pack(name)
    beside = (Path(name) if Path(name).suffix in _YAML else PACKS / name).parent / "examples" / origin
    found = [(text, origin)]
    if beside.is_file():
        found.append((_text(str(beside), name)[0], f"examples/{origin}"))
    return tuple(found)


def find_pack(name: str, where: str = "TRIAGE_POLICY or --policy") -> tuple[str, str]:
    """The text of a pack, by name or path, and how messages call it. Raises Misconfigured; ``where`` is who asks."""
    path = Path(name)
    if path.suffix in _YAML:
        return _text(name, where)
    try:
        return _text(str(PACKS / f"{name}.yaml"), where)
    except Misconfigured as error:
        known = ", ".join(sorted(pack.stem for pack in PACKS.glob("*.yaml")))
        raise Misconfigured(
            f"no pack is named {name!r}",
            where=where,
            mend=f"name a pack ({known}) or the path of a .yaml file",
        ) from error


def _text(path: str, where: str) -> tuple[str, str]:
    try:
        return Path(path).read_text(encoding="utf-8"), Path(path).name
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Misconfigured(
            f"{path!r} cannot be read: {why}", where=where, mend="give the path of a .yaml file that this user may read"
        ) from error
