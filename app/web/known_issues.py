"""The form by which anybody in support proposes a known issue (S4-73), and the list of what is registered.

Like the board it has no login of its own; what it takes is a candidate, which counts once a person approves it
(``triage known-issues approve``), unless the policy lets it count at once.
"""

from __future__ import annotations

import re
from uuid import uuid4

import structlog
from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from app.errors import Unavailable
from app.runtime import Runtime
from app.triage.known_issues.candidates import NotDescribed, check_patterns, entered
from app.triage.known_issues.entry import RegistryEntry
from app.triage.known_issues.tag import BadTag
from app.triage.phrases import BadPhrase
from app.web.board import CSP
from app.web.pages import from_our_own_page

blueprint = Blueprint("known_issues", __name__, template_folder="board/templates", url_prefix="/known-issues")
log = structlog.get_logger("known_issues")

LONGEST = {"number": 80, "title": 200, "patterns": 2000, "workaround": 2000, "url": 500}
"""Characters of each field that are taken."""

MOST_PATTERNS = 20
_TOKEN = re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r"https?://\S+")


@blueprint.get("/new")
def form() -> Response:
    """The empty form, and below it the known issues of each tenant."""
    return _page({})


@blueprint.post("/new")
def propose() -> Response:
    """Take the form. The same form sent twice makes one candidate; what is wrong is told beside it, with 422."""
    from_our_own_page()
    runtime: Runtime = current_app.extensions["runtime"]
    given = {name: request.form.get(name, "").strip()[:most] for name, most in LONGEST.items()}
    tenant, token = request.form.get("tenant", ""), request.form.get("token", "")
    if tenant not in runtime.tenants():
        return _page(given, "name the account that it is about")
    try:
        entry = _entry(runtime, given, token)
        kept, _ = runtime.store.keep_known_issue(tenant, entry, runtime.now())
    except (BadTag, BadPhrase, NotDescribed) as error:
        return _page(given, str(error))
    except Unavailable as error:
        raise ServiceUnavailable("the store is down; please send it again in a minute") from error
    log.info("known issue proposed", name=kept.name, state=kept.state)
    return redirect(url_for("known_issues.form", made=kept.name), 303)


def _entry(runtime: Runtime, given: dict[str, str], token: str) -> RegistryEntry:
    part, words = runtime.policy.pack.known_issues, runtime.policy.pack.words
    patterns = [line.strip() for line in given["patterns"].splitlines() if line.strip()][:MOST_PATTERNS]
    check_patterns(patterns, words)
    if given["url"] and not _ADDRESS.fullmatch(given["url"]):
        raise NotDescribed("the address does not begin with https:// or http://")
    return entered(
        "form",
        given["number"],
        given["title"],
        f"form:{token if _TOKEN.fullmatch(token) else uuid4().hex}",
        part,
        candidate=True,
        patterns=patterns,
        workaround=given["workaround"],
        url=given["url"],
    )


def _page(given: dict[str, str], wrong: str = "") -> Response:
    runtime: Runtime = current_app.extensions["runtime"]
    tenants = runtime.tenants()
    entries = [(tenant, one) for tenant in tenants for one in runtime.store.known_issues(tenant) if not one.security]
    page = make_response(
        render_template(
            "known_issues.html",
            given=given,
            wrong=wrong,
            made=request.args.get("made", "")[:128],
            token=uuid4().hex,
            tenants=sorted(tenants),
            entries=[(tenant, one) for tenant, one in entries if one.state != "dropped"],
            tickets={
                key: count for tenant in tenants for key, count in runtime.store.tickets_by_known_issue(tenant).items()
            },
            required=runtime.policy.pack.known_issues.approval == "required",
        ),
        422 if wrong else 200,
    )
    page.headers["Content-Security-Policy"] = CSP
    page.headers["Referrer-Policy"] = "same-origin"  # or browsers send the form without its origin
    return page
