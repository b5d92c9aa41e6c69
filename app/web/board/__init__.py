"""The list of decided tickets at ``/``: what was decided, and the customer's words it rests on.

Server-rendered, no script; filters live in the URL. Everything a customer wrote is escaped by the templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response, render_template, request

from app.runtime import Runtime
from app.store.ledger import Effect
from app.store.lists import Decided
from app.triage import oncall_words, records
from app.triage.intents import intent_of
from app.triage.page import Page
from app.triage.patterns import faults
from app.triage.patterns.faults import Fault
from app.triage.ticket import Ref
from app.web.coverage import proof

blueprint = Blueprint("board", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FILTERS = ("severity", "label", "destination", "vendor")
SHOWN = 500


@blueprint.get("/")
def tickets() -> Response:
    """The decided tickets, newest first; ``?severity=P1&label=Access`` narrows the list."""
    runtime: Runtime = current_app.extensions["runtime"]
    decided = runtime.store.decided(SHOWN)
    held = runtime.store.withheld_of([one.ref for one in decided])
    rows = [_row(runtime, one, held.get(one.ref, ())) for one in decided]
    chosen = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    now = runtime.now()
    parked, age = runtime.store.backlog(now)
    lately = runtime.store.faults(2, since=faults.since(runtime.policy, now))
    page = make_response(
        render_template(
            "tickets.html",
            rows=[row for row in rows if all(row[name] == value for name, value in chosen.items())],
            total=len(rows),
            chosen=chosen,
            choices={name: _counted(rows, name) for name in FILTERS},
            parked=runtime.store.parked(20) if parked else [],
            parked_count=parked,
            age=round(age),
            uncovered=proof(runtime, runtime.store.beats()).get("error", ""),
            policy=f"{runtime.policy.name}@{runtime.policy.digest}",
            sandbox=runtime.settings.sandbox,
            modes=_modes(runtime),
            storms=[_storm(runtime, fault, words) for fault, words in faults.storms(lately, runtime.policy, now)],
            pages=[_page(runtime, page) for page in runtime.store.open_pages()],
            brake=runtime.store.brake(),
            unknown=[_unknown(ref, effect) for ref, effect in runtime.store.unknown_effects(20)],
            now=now,
        )
    )
    page.headers["Content-Security-Policy"] = CSP
    page.headers["Referrer-Policy"] = "same-origin"  # or browsers send the button's form without its origin
    return page


def _page(runtime: Runtime, page: Page) -> dict[str, Any]:
    """An open page: what it is about, where it has got to, and what comes next."""
    last = runtime.store.last_decision(page.opened_by)
    decision = records.from_json(last) if last else None
    coming = ""
    if decision is not None:
        coming = oncall_words.next_step(page, decision, runtime.policies.behind(decision), runtime.now())
    return {
        "ref": str(page.incident),
        "url": _address(runtime, page.incident),
        "page": page,
        "level": "L3" if "L3:page" in page.taken else "L2",
        "coming": coming,
        "nobody": not any(taken.by or taken.unknown for taken in page.taken.values()),
        "trouble": [(oncall_words.shown(step), why, step in page.unreached) for step, why in page.trouble.items()],
    }


def _storm(runtime: Runtime, fault: Fault, words: str) -> dict[str, Any]:
    """A storm: how many customers in how short a time, and the first ticket, which stands for all."""
    return {"fault": fault, "words": words, "ref": str(fault.master), "url": _address(runtime, fault.master)}


def _modes(runtime: Runtime) -> list[tuple[str, str, str]]:
    """Mode, what it means, and the accounts that it holds for."""
    found: dict[tuple[str, str], list[str]] = {}
    for account, permission in runtime.permissions().items():
        found.setdefault((permission.mode, str(permission)), []).append(account)
    return [(mode, means, ", ".join(accounts)) for (mode, means), accounts in found.items()]


def _unknown(ref: Ref, effect: Effect) -> dict[str, str]:
    return {"ref": str(ref), "kind": effect.kind.replace("_", " "), "reason": effect.reason}


def _row(runtime: Runtime, decided: Decided, held: Sequence[Effect]) -> dict[str, Any]:
    body = decided.body
    return {
        "ref": str(decided.ref),
        "url": _address(runtime, decided.ref),
        "vendor": decided.ref.vendor,
        "subject": decided.subject,
        "at": decided.at,
        "label": body["label"],
        "second_label": body.get("second_label"),
        "severity": body["severity"],
        "level": body["level"],
        "destination": body["destination"],
        "page": body["page"],
        "confidence": body["confidence"],
        "evidence": body.get("evidence", [])[:4],
        "ruled_out": body.get("ruled_out", [])[:3],
        "would": [intent_of(effect.kind, effect.action) for effect in reversed(held)],
        "withheld": held[0].withheld if held else "",
    }


def _counted(rows: Sequence[Mapping[str, Any]], name: str) -> list[tuple[str, int]]:
    return sorted(Counter(row[name] for row in rows).items())


def _address(runtime: Runtime, ref: Ref) -> str:
    """Where an agent opens the ticket; empty when the account is no longer configured."""
    account = runtime.accounts(ref.vendor).get(ref.account)
    if account is None or not account.base_url.startswith(("https://", "http://")):
        return ""
    path = "/agent/tickets/" if ref.vendor == "zendesk" else "/browse/"
    return account.base_url + path + quote(ref.id)
