"""The only place where parts are put together. Everything else is handed what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import config
from app.errors import Misconfigured, UnknownAccount
from app.triage.policy import Policy, read
from app.triage.ticket import VendorName
from config.settings import JiraAccount, Settings, ZendeskAccount

if TYPE_CHECKING:
    from celery import Celery

    from app.queue import Doorbell
    from app.store.store import Store
    from app.vendors import VendorClient

PACKS = Path(config.__file__).parent / "packs"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Runtime:
    """One process's parts, each built on first use: the web process never loads zenpy or jira."""

    settings: Settings
    now: Callable[[], datetime] = _utc_now
    clients: dict[tuple[str, str], VendorClient] = field(default_factory=dict)

    @cached_property
    def store(self) -> Store:
        """The store. It must have been migrated (``triage migrate``)."""
        from app.store.store import Store

        return Store(self.settings.database_url)

    @cached_property
    def policy(self) -> Policy:
        """The policy in force."""
        return load_policy(self.settings.policy)

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

    def client(self, vendor: VendorName, account: str) -> VendorClient:
        """The client of one account, one for this process. Raises UnknownAccount."""
        key = (vendor, account)
        if key not in self.clients:
            self.clients[key] = self._open(self.account(vendor, account))
        return self.clients[key]

    @staticmethod
    def _open(account: ZendeskAccount | JiraAccount) -> VendorClient:
        if isinstance(account, ZendeskAccount):
            from app.vendors.zendesk.client import ZendeskClient

            return ZendeskClient(account)
        from app.vendors.jira.client import JiraClient

        return JiraClient(account)


def build(settings: Settings) -> Runtime:
    """The parts for one process."""
    return Runtime(settings)


def load_policy(name: str) -> Policy:
    """A pack by name, or the pack in a file. Raises Misconfigured that names the file, the line and the mend."""
    text, origin = find_pack(name)
    return read(text, origin, find_pack)


def find_pack(name: str) -> tuple[str, str]:
    """The text of a pack, by name or path, and how messages call it. Raises Misconfigured."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = PACKS / f"{name}.yaml"
    try:
        return path.read_text(encoding="utf-8"), path.name
    except OSError as error:
        known = ", ".join(sorted(pack.stem for pack in PACKS.glob("*.yaml")))
        raise Misconfigured(
            f"policy {name!r} cannot be read: {error.strerror or error}",
            where="TRIAGE_POLICY or --policy",
            mend=f"name a pack ({known}) or the path of a .yaml file",
        ) from error
