"""The parts that ``triage doctor`` looks at, one function each; a function yields what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import Gone, Misconfigured, TriageError, Unauthorized
from app.runtime import THIS_MACHINE, Runtime
from app.triage.ticket import VendorName
from app.vendors.wanted import Finding, State, judged, named_people, wanted
from config.accounts import JiraAccount, ZendeskAccount
from config.celery import OPINION_QUEUE

if TYPE_CHECKING:
    import redis

Look = Callable[[], Iterator[Finding]]

WARN_SECONDS, ILL_SECONDS = 30.0, 240.0
"""How far clocks may part: a signature older than 300 s is refused, and the rest is the way here."""

MANY_QUESTIONS = 50
"""Questions to a model that wait when nobody seems to ask them."""

_SECONDS = 2.0


def parts(runtime: Runtime) -> Iterator[tuple[str, Look]]:
    """Each part's name and its look."""
    yield "settings", partial(settings, runtime)
    yield "store", partial(store, runtime)
    yield "broker", partial(broker, runtime)
    yield "processes", partial(processes, runtime)
    yield "second opinion", partial(second_opinion, runtime)
    for name, account in runtime.settings.zendesk.items():
        yield f"zendesk:{name}", partial(zendesk, runtime, account)
    for name, site in runtime.settings.jira.items():
        yield f"jira:{name}", partial(jira, runtime, site)


def safely(look: Look) -> Iterator[Finding]:
    """What a look finds; an error of ours ends it and is the last finding."""
    try:
        yield from look()
    except Misconfigured as error:
        yield Finding("settings", "ill", " ".join(filter(None, (error.what, error.where))), error.mend)
    except Unauthorized:
        yield Finding(
            "credentials", "ill", "refused", "check EMAIL and TOKEN of the account, and that the token is live"
        )
    except TriageError as error:
        yield Finding("reachable", "ill", str(error), "check the address and the network, then run this again")


def settings(runtime: Runtime) -> Iterator[Finding]:
    """The policies load, and some account is configured."""
    for policy in runtime.policies:
        yield Finding("policy", "ok", f"{policy.stamp} ({policy.digest})")
    if not runtime.settings.has_vendors():
        yield Finding("accounts", "ill", "none is configured", "put an account's three lines into .env, see the README")
    for switch in runtime.settings.off:
        yield Finding("kill switch", "fact", f"{switch} is not carried out")


def store(runtime: Runtime) -> Iterator[Finding]:
    """The database answers, has the newest tables, and its clock is right."""
    from app.store.look import clock, stands

    url = runtime.settings.database_url
    stood, newest = stands(url)
    why = f"revision {stood or 'none'}, the newest is {newest}"
    yield judged("tables", why, "run `triage migrate`", well=stood == newest)
    told = clock(url)
    if told:
        yield skew("clock", told, runtime.now())


def broker(runtime: Runtime) -> Iterator[Finding]:
    """Redis answers, forgets nothing, and its clock is right."""
    import redis

    url = runtime.settings.redis_url
    if not url or url.startswith("memory://"):
        yield Finding("broker", "fact", "a private one, started by `triage up`" if not url else "within the process")
        return
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=None, decode_responses=True
        ) as client:
            client.ping()
            yield Finding("broker", "ok", "it answers")
            yield from _keeps(client)
            seconds, micros = client.time()
            yield skew("clock", datetime.fromtimestamp(seconds + micros / 1e6, UTC), runtime.now())
    except (redis.RedisError, OSError, ValueError) as error:
        yield Finding("broker", "ill", type(error).__name__, "check REDIS_URL and the Redis server")


def _keeps(client: redis.Redis) -> Iterator[Finding]:
    """Whether the broker may drop what it holds. A hosted one may forbid the question."""
    import redis

    wishes: tuple[tuple[str, str, State, str], ...] = (
        ("maxmemory-policy", "noeviction", "ill", "set `maxmemory-policy noeviction`: a full broker drops the queue"),
        ("appendonly", "yes", "warn", "set `appendonly yes`: without it a restart loses the queue until a sweep"),
    )
    for name, wish, otherwise, mend in wishes:
        try:
            told = client.config_get(name)
        except redis.ResponseError:
            told = {}
        shown = told.get(name) if isinstance(told, dict) else None
        if shown is None:
            yield Finding(name, "unknown", "the broker does not tell", f"make sure that it is {wish}")
        else:
            yield judged(name, str(shown), mend, well=shown == wish, otherwise=otherwise)


def processes(runtime: Runtime) -> Iterator[Finding]:
    """A sweep ran lately, and nothing waits for a person."""
    from app.store.look import stands

    stood, newest = stands(runtime.settings.database_url)
    if stood != newest:
        yield Finding("sweep", "unknown", "the store is not ready", "mend the store first")
        return
    try:
        beat, now = runtime.store.beats().get("worker"), runtime.now()
        age = (now - beat.at).total_seconds() if beat else None
        why = "none has run yet" if age is None else f"the last one ran {age:.0f} s ago"
        well = age is not None and age <= runtime.settings.sweep_seconds * 3
        yield judged("sweep", why, "start `triage worker` and `triage beat`, or look at their logs", well=well)
        parked, waited = runtime.store.backlog(now)
        mend = "run `triage parked`, mend the cause, then `triage replay --all`"
        yield judged("parked", f"{parked} wait for a person", mend, well=not parked, otherwise="warn")
        yield Finding("queue", "fact", f"the longest-due ticket has waited {waited:.0f} s")
    finally:
        runtime.store.close()


def second_opinion(runtime: Runtime) -> Iterator[Finding]:
    """Where a model is asked: it is installed for, its breaker is closed, and somebody asks. No question is sent."""
    from app.advisor.server import lacking

    settings = runtime.settings
    if not settings.asks_model:
        yield Finding("model", "fact", "none is asked")
        return
    if missing := lacking():
        yield Finding("model", "ill", missing.what, missing.mend)
        return
    yield Finding("model", "ok", f"{settings.llm_model}, at most {settings.llm_daily_usd:g} USD a day")
    mend = "check TRIAGE_LLM_URL, TRIAGE_LLM_KEY and TRIAGE_LLM_MODEL, and the model's server"
    address = urlsplit(settings.llm_url)
    if address.scheme == "http" and address.hostname not in THIS_MACHINE:
        why = "the key and customers' words go there unencrypted"
        yield Finding("address", "warn", why, "use https, unless the way there is private")
    yield from _unasked(settings.redis_url)
    shut = runtime.llm_breaker.open()
    yield judged("answers", "none, five times in a row" if shut else "", mend, well=not shut, otherwise="warn")


def _unasked(url: str) -> Iterator[Finding]:
    """Whether somebody asks: how many questions wait. Where the broker does not answer, its own part says so."""
    import redis

    if not url or url.startswith("memory://"):
        return
    try:
        with redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=None) as client:
            waiting = int(client.llen(OPINION_QUEUE))
    except (redis.RedisError, OSError, ValueError):
        return
    mend = "start `triage worker --opinions`, or set TRIAGE_LLM_WORKER=same"
    yield judged("questions", f"{waiting} wait", mend, well=waiting < MANY_QUESTIONS, otherwise="warn")


def zendesk(runtime: Runtime, account: ZendeskAccount) -> Iterator[Finding]:
    """One Zendesk account."""
    from app.vendors.zendesk.checks import findings
    from app.vendors.zendesk.client import ZendeskClient
    from app.vendors.zendesk.setup import ZendeskSetup

    yield from _told(runtime, account)
    client = ZendeskClient(account)
    client.whoami()
    yield Finding("credentials", "ok")
    hand = ZendeskSetup(client, account)
    there = hand.there()
    if there.clock:
        yield skew("clock", there.clock, runtime.now())
    needs = wanted("zendesk", runtime.policies.at("zendesk", account.name), account.groups)
    yield from findings(there, needs, hand.people(named_people(account)), account)


def jira(runtime: Runtime, site: JiraAccount) -> Iterator[Finding]:
    """One Jira site."""
    from app.vendors.jira.checks import findings, needed
    from app.vendors.jira.client import JiraClient
    from app.vendors.jira.setup import JiraSetup

    yield from _told(runtime, site)
    client = JiraClient(site)
    client.whoami()
    yield Finding("credentials", "ok")
    hand = JiraSetup(client, site)
    there = hand.there()
    if there.clock:
        yield skew("clock", there.clock, runtime.now())
    engineering = any(one.engineering == site.name for one in runtime.settings.zendesk.values())
    needs = wanted("jira", runtime.policies.at("jira", site.name), site.groups)
    lacks: dict[str, tuple[str, ...] | None] = {}
    for project in site.projects or ("",):
        try:
            lacks[project] = hand.lacks(needed(site, engineering=engineering, moves=needs.moves), project)
        except Gone:
            lacks[project] = None
    yield from findings(there, needs, hand.people(named_people(site)), lacks, site)


def skew(what: str, told: datetime, now: datetime) -> Finding:
    """How far another clock is from ours. A Date header has whole seconds, and the answer was on its way."""
    apart = abs((told - now).total_seconds())
    mend = "set this machine's clock by NTP: a delivery's signature is good for 300 s"
    otherwise: State = "ill" if apart > ILL_SECONDS else "warn"
    return judged(what, f"{apart:.0f} s apart from ours", mend, well=apart <= WARN_SECONDS, otherwise=otherwise)


def _told(runtime: Runtime, account: ZendeskAccount | JiraAccount) -> Iterator[Finding]:
    """What this account's tickets are decided under, and how much is written."""
    vendor: VendorName = "zendesk" if isinstance(account, ZendeskAccount) else "jira"
    policies = runtime.policies.at(vendor, account.name)
    yield Finding("policy", "fact", ", ".join(policy.name for policy in policies))
    mode = account.mode or runtime.settings.mode or ("auto" if runtime.settings.sandbox else "shadow")
    meaning = {"shadow": "nothing is written", "assist": "replies are drafts", "auto": "everything is written"}
    yield Finding("mode", "fact", f"{mode}: {meaning[mode]}")
