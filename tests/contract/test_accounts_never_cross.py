"""Two Zendesk accounts and two Jira sites whose tickets have the same ids, in one store: nothing crosses."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from flask.testing import FlaskClient

from app.errors import Misconfigured
from app.packs import load_policies
from app.runtime import Runtime
from app.sandbox.desk_side import jira_create, zendesk_create
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.triage.ticket import VENDORS, Event, Ref, VendorName
from app.web import create_app
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.contract.test_receiver import signed_jira, signed_zendesk
from workers import gap
from workers.reconcile import reconcile
from workers.sweep import check_vendors

NAMES: tuple[Literal["alpha", "beta"], ...] = ("alpha", "beta")
IDS: dict[VendorName, str] = {"zendesk": "1001", "jira": "SUP-1"}
SAID = {
    "alpha": ("Checkout is down", "The whole service is down for all users and there is no workaround."),
    "beta": ("How do I export?", "How do I export my contacts as a CSV file?"),
}
POLICY = {"alpha": "octoacme", "beta": "unified"}


@dataclass
class World:
    """Both vendors twice, and one installation that has an account at each."""

    vendors: dict[str, Sandbox]
    runtime: Runtime

    def arrives(self, ref: Ref, delivery: str = "d1", kind: str = "created") -> None:
        """A delivery that was taken."""
        self.runtime.store.record(Event(ref, kind, delivery), "x" * 64, self.runtime.now())

    def asked(self, name: str) -> list[dict[str, Any]]:
        return self.vendors[name].journal.requests()


def token(name: str) -> str:
    return f"token-of-{name}"


def secret(vendor: str, name: str) -> str:
    return f"{vendor}-{name}-secret"


def user(name: str) -> str:
    return f"worker@{name}.example"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    others = {"alpha": {}, "beta": {"somebody@beta.example": "x"}}  # so that our users' ids differ
    made = {name: Sandbox(seed=False, accounts={**others[name], user(name): token(name)}) for name in NAMES}
    accounts: dict[str, dict[str, Any]] = {"zendesk": {}, "jira": {}}
    kinds = {"zendesk": ZendeskAccount, "jira": JiraAccount}
    for vendor, name in itertools.product(VENDORS, NAMES):
        accounts[vendor][name] = kinds[vendor](
            url=f"{made[name].url}/{vendor}",
            email=user(name),
            token=token(name),
            webhook_secret=secret(vendor, name),
            policy=POLICY[name] if name == "alpha" else "",
            timeout=5,
        )
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None, database_url=f"sqlite:///{tmp_path}/store.db", redis_url="memory://", mode="auto",
        **accounts,
    )  # fmt: skip
    migrate(settings.database_url)
    for sandbox in made.values():
        sandbox.start()
    runtime = Runtime(settings)
    for name, sandbox in made.items():
        subject, body = SAID[name]
        assert zendesk_create(sandbox.account, {"subject": subject, "body": body, "requester": "Ann"})["id"] == 1001
        assert jira_create(sandbox.site, {"subject": subject, "body": body, "requester": "Ann"}).key == "SUP-1"
    yield World(made, runtime)
    for sandbox in made.values():
        sandbox.stop()
    runtime.store.close()


@pytest.fixture
def receiver(world: World) -> FlaskClient:
    return create_app(world.runtime).test_client()


def delivery_of(vendor: VendorName, kind: str = "", actor: str = "") -> bytes:
    """A delivery about the ticket that every account has."""
    if vendor == "zendesk":
        detail = {"id": IDS[vendor], **({"actor_id": actor} if actor else {})}
        return json.dumps({"type": f"zen:event-type:ticket.{kind or 'created'}", "id": "e", "detail": detail}).encode()
    told = {"webhookEvent": f"jira:issue_{kind or 'created'}", "issue": {"key": IDS[vendor]}}
    return json.dumps({**told, **({"user": {"accountId": actor}} if actor else {})}).encode()


def post(receiver: FlaskClient, vendor: VendorName, name: str, body: bytes, key: str, delivery: str = "d1") -> int:
    if vendor == "zendesk":
        headers = signed_zendesk(body, key, datetime.now(UTC), delivery)
    else:
        headers = signed_jira(body, key, delivery)
    return receiver.post(f"/webhooks/{vendor}/{name}", data=body, headers=headers).status_code


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_delivery_that_another_account_signed_is_refused(
    world: World, receiver: FlaskClient, vendor: VendorName
) -> None:
    body = delivery_of(vendor)
    for name, signer in itertools.product(NAMES, NAMES):
        wanted = 202 if name == signer else 401
        assert post(receiver, vendor, name, body, secret(vendor, signer)) == wanted
    assert post(receiver, vendor, "", body, secret(vendor, "alpha")) == 404, "no account is guessed when there are two"


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_same_delivery_id_at_two_accounts_is_two_deliveries(
    world: World, receiver: FlaskClient, vendor: VendorName
) -> None:
    body = delivery_of(vendor)
    assert [post(receiver, vendor, name, body, secret(vendor, name), "same") for name in NAMES] == [202, 202]
    assert [post(receiver, vendor, name, body, secret(vendor, name), "same") for name in NAMES] == [200, 200]
    due = world.runtime.store.due(world.runtime.now(), 10)
    assert {ref for ref in due if ref.vendor == vendor} == {Ref(vendor, name, IDS[vendor]) for name in NAMES}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("name", NAMES)
def test_a_ticket_of_one_account_reads_and_writes_nothing_at_the_other(
    world: World, vendor: VendorName, name: str
) -> None:
    other = "beta" if name == "alpha" else "alpha"
    ref = Ref(vendor, name, IDS[vendor])
    world.arrives(ref)
    world.arrives(Ref(vendor, other, IDS[vendor]))
    assert reconcile(world.runtime, ref).outcome == "decided"
    assert world.asked(other) == []
    assert world.vendors[name].journal.writes()
    assert {one["who"] for one in world.asked(name)} == {user(name)}
    assert {one["vendor"] for one in world.asked(name)} == {vendor}


@pytest.mark.parametrize("vendor", VENDORS)
def test_decisions_effects_and_leases_belong_to_one_account(world: World, vendor: VendorName) -> None:
    store = world.runtime.store
    alpha, beta = (Ref(vendor, name, IDS[vendor]) for name in NAMES)
    world.arrives(alpha)
    world.arrives(beta)
    now = world.runtime.now()
    held = store.lease(beta, now, 60)
    assert held is not None
    assert reconcile(world.runtime, alpha).outcome == "decided", "the other account's lease holds nobody up"
    assert store.history(beta) == []
    assert store.effects_of(beta) == []
    assert store.effects_of(alpha)
    store.park(held, now, "refused", "for the test")
    assert [one.ref for one in store.parked()] == [beta]
    assert store.replay(beta, now)
    assert reconcile(world.runtime, beta).outcome == "decided"
    (first,), (second,) = store.history(alpha), store.history(beta)
    assert (first["policy"], second["policy"]) == (POLICY["alpha"], POLICY["beta"])
    assert first["severity"] == "P0"
    assert second["severity"] != "P0", "each was decided on its own words"
    keys = [{effect.key for effect in store.effects_of(ref)} for ref in (alpha, beta)]
    assert len(keys[0] | keys[1]) == len(keys[0]) + len(keys[1])


@pytest.mark.parametrize("vendor", VENDORS)
def test_our_own_edits_are_known_by_the_account_they_were_made_in(
    world: World, receiver: FlaskClient, vendor: VendorName
) -> None:
    check_vendors(world.runtime)
    beats = world.runtime.store.beats()
    ours = {name: str(beats[f"{vendor}:{name}"].detail["user_id"]) for name in NAMES}
    assert ours["alpha"] != ours["beta"]
    kind = "tags_changed" if vendor == "zendesk" else "updated"
    for number, (name, actor) in enumerate(itertools.product(NAMES, NAMES)):
        body = delivery_of(vendor, kind, ours[actor])
        wanted = 200 if name == actor else 202
        assert post(receiver, vendor, name, body, secret(vendor, name), f"d{number}") == wanted


def test_an_account_that_is_down_or_refuses_us_holds_up_no_other(world: World) -> None:
    world.vendors["alpha"].account.records.tokens[user("alpha")] = "changed"
    for name in NAMES:
        world.arrives(Ref("zendesk", name, "1001"))
    assert reconcile(world.runtime, Ref("zendesk", "alpha", "1001")).outcome != "decided"
    assert reconcile(world.runtime, Ref("zendesk", "beta", "1001")).outcome == "decided"


def test_each_account_has_its_policy_and_a_brand_wins_over_it(world: World) -> None:
    policies = load_policies(world.runtime.settings.model_copy(update={"policy_by_brand": {"eng": "bug-sop"}}), {})
    for vendor, name in itertools.product(VENDORS, NAMES):
        ticket = world.runtime.client(vendor, name).fetch(Ref(vendor, name, IDS[vendor]))
        assert policies.of(ticket).name == POLICY[name]
        assert policies.of(replace(ticket, brand="ENG")).name == "bug-sop"
    assert [policy.name for policy in policies] == ["unified", "octoacme", "bug-sop"]
    assert [policy.name for policy in policies.at("jira", "alpha")] == ["octoacme", "bug-sop"]


def test_a_policy_of_an_account_that_does_not_exist_stops_the_start_and_names_the_variable() -> None:
    account = ZendeskAccount(subdomain="acme", policy="nonesuch")
    settings = Settings(_env_file=None, zendesk={"acme": account})  # type: ignore[call-arg]
    with pytest.raises(Misconfigured, match="TRIAGE_ZENDESK__ACME__POLICY"):
        load_policies(settings, {})


def test_the_gap_sweep_walks_each_account_by_itself(world: World) -> None:
    for sandbox in world.vendors.values():
        sandbox.account.export_lag = 0  # Zendesk keeps the last minute back
    assert gap.look(world.runtime) == 4
    accounts = set(itertools.product(VENDORS, NAMES))
    due = world.runtime.store.due(world.runtime.now(), 10)
    assert {(ref.vendor, ref.account) for ref in due} == accounts
    walked = world.runtime.store.beats()
    assert {f"gap:{vendor}:{name}" for vendor, name in accounts} <= walked.keys()
    assert all(walked[f"gap:{vendor}:{name}"].ok for vendor, name in accounts)


def test_no_two_threads_share_a_client(world: World) -> None:
    theirs: list[object] = []
    other = threading.Thread(target=lambda: theirs.append(world.runtime.client("zendesk", "alpha")))
    other.start()
    other.join()
    mine = world.runtime.client("zendesk", "alpha")
    assert world.runtime.client("zendesk", "alpha") is mine
    assert theirs[0] is not mine
