"""The only place where parts are put together. Everything else is handed what it needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import Misconfigured, UnknownAccount
from app.packs import check_settings, load_policies
from app.triage.duplicates.parts import wall_time
from app.triage.environment import place
from app.triage.modes import SWITCHES, Permission, unknown_switch
from app.triage.policies import Policies
from app.triage.policy import Policy
from app.triage.symptoms.reading import gist
from app.triage.ticket import VENDORS, Ref, Ticket, VendorName
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings, environment_variables, is_setting

if TYPE_CHECKING:
    from celery import Celery

    from app.advisor.advisor import Advisor
    from app.budget.breaker import Breaker
    from app.budget.connection import Connection
    from app.budget.gate import Budget
    from app.budget.purse import Purse
    from app.embedding.embedder import Embedder
    from app.oncall.alert import Target
    from app.oncall.message import Message
    from app.queue import Doorbell
    from app.store.registries import Registries
    from app.store.store import Store
    from app.triage.text import Message as Text
    from app.vendors import VendorClient
    from app.vendors.github import GitHub

THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class _Mine(threading.local):
    """What each thread has of its own."""

    def __init__(self) -> None:
        self.clients: dict[tuple[str, str], VendorClient] = {}


@dataclass
class Runtime:
    """One process's parts, each built on first use: the web process never loads zenpy or jira.

    ``variables`` are the environment's, as ``config.settings`` gives them. ``clients`` are those that are handed in;
    others are built.
    """

    settings: Settings
    variables: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = _utc_now
    clients: dict[tuple[str, str], VendorClient] = field(default_factory=dict)
    gates: dict[tuple[str, str], Budget] = field(default_factory=dict)
    _mine: _Mine = field(default_factory=_Mine)

    @cached_property
    def store(self) -> Store:
        """The store. It must have been migrated (``triage migrate``)."""
        from app.store.store import Store

        return Store(self.settings.database_url)

    @cached_property
    def registries(self) -> Registries:
        """The known issues of each tenant."""
        from app.store.registries import Registries

        return Registries(self.store, self.embed)

    @cached_property
    def github(self) -> tuple[GitHub, str] | None:
        """The repository with known issues and the tenant whose they are; None where none is set. Raises
        Misconfigured."""
        if not self.settings.github_repo:
            return None
        from app.vendors.github import repository

        return repository(self.settings, self.tenants())

    @cached_property
    def policies(self) -> Policies:
        """The policies in force. Raises Misconfigured, also where one asks for what no setting says."""
        policies = load_policies(self.settings, self.variables)
        for policy in policies:
            check_settings(policy, self.settings)
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

    @cached_property
    def targets(self) -> Mapping[str, tuple[Target, ...]]:
        """Where the steps of the on-call chain lead, by name; only what is set. Raises Misconfigured."""
        return targets_of(self.settings)

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

    def tenant_of(self, ref: Ref) -> str:
        """The tenant of a ticket's account: no ticket is compared with one of another. Raises UnknownAccount."""
        account = self.account(ref.vendor, ref.account)
        return account.tenant or account.name

    def tenants(self) -> dict[str, tuple[tuple[VendorName, str], ...]]:
        """The accounts of each tenant, as vendor and name."""
        found: dict[str, tuple[tuple[VendorName, str], ...]] = {}
        for vendor, name in self.every_account():
            tenant = self.tenant_of(Ref(vendor, name, ""))
            found[tenant] = (*found.get(tenant, ()), (vendor, name))
        return found

    def every_account(self) -> list[tuple[VendorName, str]]:
        """Each configured account, as vendor and name."""
        return [(vendor, name) for vendor in VENDORS for name in self.accounts(vendor)]

    @property
    def solved_within(self) -> timedelta:
        """For how long a solved ticket stays in the index: the longest that a policy in force asks for."""
        return max(wall_time(policy.pack.duplicates.solved_within) for policy in self.policies)

    def settle_tenants(self) -> list[str]:
        """See to it that the index knows every account's tenant before anything is matched; gives the spaces that an
        account has left or come to. Raises Unavailable."""
        tenants = {key: self.account(*key).tenant or key[1] for key in self.every_account()}
        return self.store.settle(tenants, self.now())

    def permission(self, ref: Ref) -> Permission:
        """What may be written to a ticket's account. Raises UnknownAccount."""
        return permission_of(self.account(ref.vendor, ref.account), self.settings)

    def permissions(self) -> dict[str, Permission]:
        """What may be written, by account: ``zendesk:acme``."""
        return {
            f"{vendor}:{name}": permission_of(self.account(vendor, name), self.settings)
            for vendor, name in self.every_account()
        }

    def client(self, vendor: VendorName, account: str) -> VendorClient:
        """The client of one account, one for this thread: neither vendor's library is made to be shared. Raises
        UnknownAccount."""
        key = (vendor, account)
        if key in self.clients:
            return self.clients[key]
        mine = self._mine.clients
        if key not in mine:
            mine[key] = self._open(self.account(vendor, account), self.gate(vendor, account))
        return mine[key]

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

    @cached_property
    def advisor(self) -> Advisor:
        """The model that is asked for second opinions, where ``settings.asks_model``. Raises Misconfigured where the
        extra ``llm`` is not installed."""
        from app.advisor.advisor import Advisor, Prices
        from app.advisor.server import connected, lacking

        if missing := lacking():
            raise missing
        settings, key = self.settings, self.settings.llm_key
        prices = Prices(settings.llm_input_price or 0.0, settings.llm_output_price or 0.0)
        model = partial(connected, settings.llm_url, settings.llm_model, key.get_secret_value())
        return Advisor(model, settings.llm_timeout, prices)

    @cached_property
    def embedder(self) -> Embedder | None:
        """The sentence model by which tickets are compared too; None where it is off. Raises Misconfigured where the
        extra ``embeddings`` is not installed."""
        if self.settings.embeddings == "off":
            return None
        from app.embedding.embedder import Embedder, lacking

        if missing := lacking():
            raise missing
        return Embedder()

    def embed(self, thread: Sequence[Text]) -> bytes:
        """The vector of what a thread reports, for its symptom; empty where no sentence model is on."""
        return self.embedder.embed(gist(thread)) if self.embedder else b""

    @cached_property
    def purse(self) -> Purse:
        """The day's money for second opinions, shared by all workers."""
        from app.budget.purse import Purse

        return Purse("llm", self.settings.llm_daily_usd, self._redis)

    @cached_property
    def llm_breaker(self) -> Breaker:
        """The circuit breaker before the model's server, shared by all workers."""
        from app.budget.breaker import Breaker, LocalBreaker

        return Breaker("firstline:breaker:llm", self._redis, LocalBreaker())

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
    sandbox = settings.sandbox and urlsplit(account.base_url).hostname in THIS_MACHINE
    return Permission(
        mode=account.mode or settings.mode or ("auto" if sandbox else "shadow"),
        off=frozenset(settings.off),
        percent=settings.rollout_percent,
        brands=frozenset(brand.casefold() for brand in settings.rollout_brands),
    )


def targets_of(settings: Settings) -> dict[str, tuple[Target, ...]]:
    """The targets of the on-call chain that the settings name. Raises Misconfigured for an address that leads
    nowhere."""
    told = settings.pager.named()
    if not told:
        return {}
    from app.oncall import targets

    secret = settings.pager_secret.get_secret_value()
    return {name: targets.read(urls, secret, f"TRIAGE_PAGER__{name.upper()}") for name, urls in told.items()}


def build(settings: Settings) -> Runtime:
    """The parts for one process, under the environment's variables. Raises Misconfigured for a kill switch that would
    switch nothing off, a second opinion of which something is not said, an on-call target that leads nowhere, and
    embeddings without their extra."""
    if wrong := unknown_switch(settings.off):
        raise Misconfigured(wrong, where="TRIAGE_OFF", mend=f"name some of {', '.join(SWITCHES)}")
    _check_model(settings)
    targets_of(settings)
    runtime = Runtime(settings, environment_variables())
    _ = runtime.github, runtime.embedder  # another tenant's, or not installed
    return runtime


def _check_model(settings: Settings) -> None:
    """Raise Misconfigured where a second opinion is asked for, and nothing says of which model or at what price."""
    told: dict[str, object] = {"LLM_MODEL": settings.llm_model or None}
    told |= {"LLM_INPUT_PRICE": settings.llm_input_price, "LLM_OUTPUT_PRICE": settings.llm_output_price}
    lacking = [f"TRIAGE_{name}" for name, value in told.items() if value is None]
    if settings.asks_model and lacking:
        raise Misconfigured(
            "a second opinion is asked for, and nothing says of which model or what it costs",
            where="TRIAGE_LLM_URL",
            mend=f"set {', '.join(lacking)} (a price of 0 where it costs nothing), or leave TRIAGE_LLM_URL empty",
        )
