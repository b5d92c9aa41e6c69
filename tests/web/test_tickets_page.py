"""The list of decided tickets in a real browser: what it shows, and that a customer's text stays text."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from app.runtime import Runtime
from app.store.ledger import Effect
from app.store.migrate import migrate
from app.store.symptoms import keep, lock_space
from app.triage.decision import Context, Label
from app.triage.duplicates.entry import Entry, Parent
from app.triage.engine import decide, outcome_hash
from app.triage.records import to_json
from app.triage.symptoms.symptom import Frequencies, Symptom
from app.triage.ticket import Event, Ref, Ticket
from app.web import create_app
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW, missing

ATTACK = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>{{7*7}}"
TEXTS = {
    "1": ("Everything is down", "The whole service is down for all users and there is no workaround."),
    "2": ("How do I export contacts?", "How do I export my contacts to a spreadsheet?"),
    "3": (ATTACK, f"{ATTACK} I cannot log in, the password reset link does not work {ATTACK}"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield running
        running.close()


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        zendesk={"acme": ZendeskAccount(subdomain="acme")},
    )
    migrate(settings.database_url)
    built = Runtime(settings, now=lambda: NOW)
    yield built
    built.store.close()


@pytest.fixture
def address(runtime: Runtime) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(runtime), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def remember(runtime: Runtime, ticket_id: str) -> None:
    subject, body = TEXTS[ticket_id]
    ref = Ref("zendesk", "acme", ticket_id)
    ticket = Ticket(ref=ref, subject=subject, body=body, created_at=NOW, updated_at=NOW)
    decision = decide(ticket, Context(), runtime.policy, NOW)
    runtime.store.record(Event(ref, "created", ticket_id), "x", NOW)
    lease = runtime.store.lease(ref, NOW, 60)
    assert lease is not None
    runtime.store.remember(lease, NOW, decision=to_json(decision), outcome=outcome_hash(decision), ticket=ticket)


def test_before_the_first_ticket_the_page_says_what_will_appear(page: Page, address: str) -> None:
    page.goto(address)
    assert "No ticket has been decided yet" in page.inner_text("main")


def test_each_decided_ticket_has_a_row_with_its_evidence_and_a_link_to_the_vendor(
    page: Page, address: str, runtime: Runtime
) -> None:
    for ticket_id in ("1", "2"):
        remember(runtime, ticket_id)
    page.goto(address)
    assert page.locator("tbody tr").count() == 2
    outage = page.locator("tbody tr", has_text="Everything is down")
    assert outage.locator(".sev").inner_text() == "P0"
    assert "page" in outage.inner_text()
    assert "down for all users" in outage.locator("q").all_inner_texts()[0] or outage.locator("q").count() > 1
    assert outage.get_by_role("link").get_attribute("href") == "https://acme.zendesk.com/agent/tickets/1"


def test_a_filter_lives_in_the_address_and_narrows_the_list(page: Page, address: str, runtime: Runtime) -> None:
    for ticket_id in ("1", "2"):
        remember(runtime, ticket_id)
    page.goto(address)
    page.get_by_role("link", name="Guidance").click()
    assert "label=Guidance" in page.url
    assert page.locator("tbody tr").count() == 1
    page.goto(address + "?severity=P4")
    assert "No decided ticket matches" in page.inner_text("main")


def test_a_customers_text_is_shown_and_never_run(page: Page, address: str, runtime: Runtime) -> None:
    remember(runtime, "3")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail("a dialog opened"))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert page.title() == "Decided tickets · Firstline"
    assert ATTACK in page.inner_text("tbody")
    assert {url.removeprefix(address).split("?")[0] for url in asked} <= {"", "static/board.css", "favicon.ico"}


def test_parked_tickets_stand_on_top_with_the_way_out(page: Page, address: str, runtime: Runtime) -> None:
    ref = Ref("zendesk", "acme", "9")
    runtime.store.record(Event(ref, "created", "9"), "x", NOW)
    runtime.store.park(runtime.store.lease(ref, NOW, 60), NOW, "permanent", "Refused: 422")  # type: ignore[arg-type]
    page.goto(address)
    assert page.title().startswith("(1 parked)")
    assert "triage replay zendesk:acme:9" in page.inner_text("section.parked")


def test_the_page_says_the_mode_and_what_would_be_written(page: Page, address: str, runtime: Runtime) -> None:
    remember(runtime, "1")
    ref = Ref("zendesk", "acme", "1")
    held = [
        Effect("a", "set_priority", "planned", {"value": "urgent"}, "mode is shadow"),
        Effect("b", "reply", "planned", {"reason": "ack", "mark": "0" * 12, "promise": None}, "mode is shadow"),
    ]
    runtime.store.withhold_effects(ref, held, NOW)
    page.goto(address)
    assert "mode shadow" in page.inner_text("header")
    row = page.locator("tbody tr")
    assert "would write 2: mode is shadow" in row.inner_text()
    page.get_by_text("would write 2").click()
    assert row.locator(".would li").all_inner_texts() == [
        "would set the priority to urgent", "would answer the customer (ack)"
    ]  # fmt: skip


def test_the_brake_and_what_was_sent_without_an_answer_stand_on_top(page: Page, address: str, runtime: Runtime) -> None:
    ref = Ref("zendesk", "acme", "9")
    runtime.store.plan_effects(ref, [Effect("a", "reply", "planned", {})], NOW)
    runtime.store.mark_effects(["a"], "unknown", NOW, "the connection dropped")
    page.goto(address)
    assert page.locator("section.brake").count() == 0
    assert "zendesk:acme:9 reply: the connection dropped" in page.inner_text("section.unknown")
    runtime.store.put_brake_on(NOW, {"cap": "run", "why": "500 tickets in run s-1"})
    page.goto(address)
    banner = page.inner_text("section.brake")
    assert "Nothing is written since 10:00:00 UTC" in banner
    assert "500 tickets in run s-1" in banner
    assert "triage resume" in banner


def a_page(runtime: Runtime) -> Ref:
    remember(runtime, "1")
    ref = Ref("zendesk", "acme", "1")
    opened = runtime.store.open_page(ref, ref, NOW, NOW, "P0", f"P0 Reliability: {ATTACK}")
    held = runtime.store.hold_page(opened, NOW, NOW)
    assert held is not None
    runtime.store.page_step(held, "L2:page", None, "pagerduty-1a2b3c: PagerDuty answers 503")
    return ref


@pytest.mark.policy("S4-108")
def test_open_pages_stand_on_top_and_a_button_acknowledges_them_without_script(
    browser: Browser, address: str, runtime: Runtime
) -> None:
    ref = a_page(runtime)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.title().startswith("(1 paged)")
    shown = page.inner_text("section.pages")
    assert "since 2026-03-02 10:00 UTC" in shown
    assert "next: page to L2 at 2026-03-02 10:00 UTC" in shown
    assert "page to L2 reached nobody: pagerduty-1a2b3c: PagerDuty answers 503" in shown
    assert ATTACK in shown
    page.get_by_label("Your name").fill("Grace")
    page.get_by_role("button", name="Acknowledge").click()
    assert page.url == address
    assert "Acknowledged by Grace at 10:00 UTC" in page.inner_text("section.pages")
    assert page.get_by_role("button").count() == 0
    acknowledged = runtime.store.page(ref)
    assert acknowledged is not None
    assert acknowledged.acknowledged_via == "board"
    assert ref in runtime.store.due(NOW, 5)
    context.close()


def test_a_page_of_another_site_cannot_press_the_button(page: Page, address: str, runtime: Runtime) -> None:
    ref = a_page(runtime)
    elsewhere = address.replace("127.0.0.1", "localhost")  # another site to a browser
    form = f'<form method="post" action="{address}pages/acknowledge"><input name="key" value="firstline:{ref}">'
    form += '<input name="episode" value="1"><button>win a prize</button></form>'
    page.route(elsewhere + "lure", lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(elsewhere + "lure")
    with page.expect_response("**/pages/acknowledge") as answer:
        page.get_by_role("button").click()
    assert answer.value.status == 403
    known = runtime.store.page(ref)
    assert known is not None
    assert known.acknowledged_at is None


def test_the_page_fits_a_screen_of_1280_and_sends_strict_headers(page: Page, address: str, runtime: Runtime) -> None:
    remember(runtime, "3")
    page.set_viewport_size({"width": 1280, "height": 800})
    answer = page.goto(address)
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def report(runtime: Runtime, number: int, after: int) -> None:
    """A ticket by a customer of its own that hangs on the first one, made so many minutes before now."""
    first = Ref("zendesk", "acme", "1")
    entry = Entry(
        ref=replace(first, id=str(number)), space="acme", created_at=NOW - timedelta(minutes=after), symptom=Symptom(),
        label=Label.RELIABILITY, organization=f"o{number}", subject=TEXTS["3"][0],
        parent=Parent(first, 0.99, "storm") if number > 1 else None, master=first,
    )  # fmt: skip
    with runtime.store._begin() as connection:
        lock_space(connection, "acme")
        keep(connection, runtime.store._insert, entry, Frequencies())


def test_a_storm_is_one_line_on_top_with_its_first_ticket(page: Page, address: str, runtime: Runtime) -> None:
    remember(runtime, "1")
    for number in range(1, 5):
        report(runtime, number, after=10 - number)
    page.goto(address)
    assert page.locator("section.storms").count() == 0
    report(runtime, 5, after=0)
    page.reload()
    strip = page.locator("section.storms")
    assert strip.locator("p").count() == 1
    line = " ".join(strip.inner_text().split())
    assert line.startswith("STORM 5 customers in 9 min P0 zendesk:acme:1")
    assert line.endswith("5 open tickets since 2026-03-02 09:51 UTC · no known issue")
    assert "<img src=x" in line
    assert strip.get_by_role("link").get_attribute("href") == "https://acme.zendesk.com/agent/tickets/1"
    assert page.title().startswith("(1 storm) ")
    assert strip.get_by_role("button").count() == 0
