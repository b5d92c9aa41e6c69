"""From a customer's ticket to engineering's issue and back: once in effect, whatever happens on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import Busy, Misconfigured, OutcomeUnknown, Refused, TriageError, Unauthorized, Unavailable
from app.packs import load_policies
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.policies import Policies
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Status, Ticket
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_reconcile import Clock
from tests.contract.tracker import Tracker
from workers.reconcile import Result, reconcile

REF = Ref("zendesk", "acme", "4711")
ISSUE = Ref("jira", "dev", "ENG-1")
NOTE = Comment("1", Speaker.AGENT, "Reproduced, it needs a code fix.", NOW, public=False)
TICKET = Ticket(
    ref=REF,
    subject="Export fails",
    body="The CSV export shows an error for three users.",
    created_at=NOW,
    updated_at=NOW,
    comments=(NOTE,),
    requester=Customer(id="7", name="Ada", organization="Acme", organization_id="70"),
    status=Status.OPEN,
    version="1",
    fields={"area": "reports", "issue": None, "issue_status": None, "issue_resolution": None, "fix_version": None},
)
KNOBS = {"TRIAGE_BRIDGE__PROJECT": "ENG"}


def configured(folder: Path, engineering: str = "dev", mode: str = "auto", off: str = "") -> Settings:
    return Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{folder}/store.db",
        redis_url="redis://127.0.0.1:1/0",
        mode=mode,
        off=off,
        zendesk={"acme": ZendeskAccount(subdomain="acme", engineering=engineering)},
        jira={"dev": JiraAccount(url="https://dev.example", fields={"severity": "customfield_1"})},
    )


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load_policies(Settings(_env_file=None), KNOBS)  # type: ignore[call-arg]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk() -> ScriptedVendor:
    return ScriptedVendor(TICKET)


@pytest.fixture
def tracker(clock: Clock) -> Tracker:
    return Tracker(clock)


@pytest.fixture
def runtime(
    tmp_path: Path, clock: Clock, desk: ScriptedVendor, tracker: Tracker, policies: Policies
) -> Iterator[Runtime]:
    settings = configured(tmp_path)
    migrate(settings.database_url)
    built = Runtime(settings, KNOBS, now=clock, clients={("zendesk", "acme"): desk, ("jira", "dev"): tracker})
    built.__dict__["policies"] = policies  # compiled once for all tests
    yield built
    built.store.close()


def ring(runtime: Runtime, delivery: str, ref: Ref = REF, event: str = "updated") -> Result:
    """An event arrives and the worker runs."""
    runtime.store.record(Event(ref, event, delivery), "x", runtime.now())
    return reconcile(runtime, ref)


def look(runtime: Runtime, ref: Ref = REF) -> str:
    """The worker runs because the ticket is due."""
    return reconcile(runtime, ref).outcome


def news(desk: ScriptedVendor) -> list[str]:
    """The notes of news on the ticket."""
    ours = (one.body for one in desk.ticket.comments if one.speaker is Speaker.WORKER and not one.public)
    return [body for body in ours if "Firstline news" in body]


def states(runtime: Runtime) -> dict[str, str]:
    return {one.key: one.state for one in runtime.store.effects_of(REF) if one.kind == "issue"}


@pytest.mark.policy("S3-14")
def test_an_escalated_ticket_gets_one_issue_that_holds_what_is_known(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    desk.ticket = replace(desk.ticket, attachments=("screen.png",))
    for delivery in "abc":
        assert ring(runtime, delivery).outcome in ("decided", "unchanged")
        clock.move(minutes=5)
    (issue,) = tracker.asked
    assert (issue.project, issue.issue_type, issue.marker) == ("ENG", "Bug", "zendesk-acme-4711")
    assert issue.summary == "Export fails"
    assert "firstline" in issue.labels
    assert issue.fields == {"severity": "P2"}, "only fields that the site has"
    for part in ("https://acme.zendesk.com/agent/tickets/4711", "% of what is needed", "Acme", "> screen.png"):
        assert part in issue.text
    assert "> The CSV export shows an error for three users" in issue.text
    ((key, global_id), link) = next(iter(tracker.links.items()))
    assert (key, global_id) == ("ENG-1", "zendesk=acme&ticket=4711")
    assert link.url == "https://acme.zendesk.com/agent/tickets/4711"
    assert states(runtime) == {f"{REF}:issue": "confirmed", f"{REF}:remote_link:ENG-1": "confirmed"}
    (told,) = news(desk)
    assert told.startswith("Engineering has this ticket as ENG-1: https://dev.example/browse/ENG-1\nENG-1 is To Do.")
    assert desk.ticket.fields["issue"] == "ENG-1"
    assert tracker.calls == ["find", "create", "fetch", "link"]


def test_a_ticket_that_stays_with_support_gets_no_issue(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker
) -> None:
    desk.ticket = replace(desk.ticket, comments=())
    ring(runtime, "a")
    assert tracker.calls == []
    assert states(runtime) == {}


def test_where_no_account_is_named_the_note_says_what_to_file_and_nothing_is_made(
    tmp_path: Path, desk: ScriptedVendor, tracker: Tracker, clock: Clock, runtime: Runtime
) -> None:
    runtime.settings = configured(tmp_path, engineering="")
    ring(runtime, "a")
    assert tracker.calls == []
    (note,) = (one.body for one in desk.ticket.comments if one.speaker is Speaker.WORKER and not one.public)
    assert "For engineering, please file a Bug in ENG:\n> Export fails" in note


@pytest.mark.policy("S1-32")
def test_the_bridge_changes_neither_who_holds_the_ticket_nor_its_queue(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker
) -> None:
    desk.ticket = replace(desk.ticket, assignee="l2", group="Senior / Technical Support", subject="Export is down",
                          body="The export is down for all users.", tags=frozenset({"confirmed-severity"}))  # fmt: skip
    ring(runtime, "a")
    assert tracker.asked, "engineering has it"
    assert (desk.ticket.assignee, desk.ticket.group) == ("l2", "Senior / Technical Support")
    tracker.resolves("ENG-1")
    ring(runtime, "b", ISSUE)
    look(runtime)
    assert (desk.ticket.assignee, desk.ticket.group) == ("l2", "Senior / Technical Support")


@pytest.mark.parametrize("lost_after", ["before", "after"])
def test_an_issue_whose_making_got_no_answer_is_searched_for_and_never_made_twice(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, lost_after: str
) -> None:
    tracker.mishaps = [(lost_after, OutcomeUnknown("no answer"))]
    assert ring(runtime, "a").outcome == "decided", "the ticket itself is done"
    assert states(runtime)[f"{REF}:issue"] == "unknown"
    assert desk.ticket.priority == "high", "everything else was written"
    for _ in range(6):
        clock.move(seconds=80)
        look(runtime)
    assert len(tracker.issues) == 1
    assert tracker.calls.count("create") == (1 if lost_after == "after" else 2)
    assert tracker.calls.count("find") >= 2
    assert states(runtime)[f"{REF}:issue"] == "confirmed"
    assert len(news(desk)) == 1


def test_the_search_lags_so_it_is_asked_a_minute_later_and_twice_before_another_is_made(
    runtime: Runtime, tracker: Tracker, clock: Clock
) -> None:
    tracker.mishaps = [("before", OutcomeUnknown("no answer"))]
    ring(runtime, "a")
    made = clock.at
    asked: list[tuple[float, str]] = []
    while tracker.calls.count("create") < 2:
        clock.move(seconds=5)
        before = len(tracker.calls)
        look(runtime)
        asked += [((clock.at - made).total_seconds(), call) for call in tracker.calls[before:]]
        assert (clock.at - made).total_seconds() < 600
    searches = [at for at, call in asked if call == "find"]
    assert len(searches) == 2
    assert searches[0] >= 60
    assert searches[1] - searches[0] >= 60


@pytest.mark.parametrize("lost_after", ["before", "after"])
def test_an_issue_that_may_have_been_made_is_searched_for_though_it_is_no_longer_wanted(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, lost_after: str
) -> None:
    tracker.mishaps = [(lost_after, OutcomeUnknown("no answer"))]
    ring(runtime, "a")
    desk.ticket = replace(desk.ticket, comments=())
    for _ in range(4):
        clock.move(seconds=200)
        look(runtime)
    assert tracker.calls.count("create") == 1
    assert [one.ref for one in runtime.store.linked(REF)] == ([ISSUE] if lost_after == "after" else [])
    assert states(runtime)[f"{REF}:issue"] == ("confirmed" if lost_after == "after" else "planned")


@pytest.mark.parametrize("error", [Busy("429", after=5.0), Unavailable("503"), Unauthorized("401")])
def test_a_site_that_is_away_delays_the_issue_and_nothing_else(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, error: TriageError
) -> None:
    tracker.mishaps = [("before", error)]
    assert ring(runtime, "a").outcome == "decided"
    assert desk.ticket.priority == "high"
    clock.move(minutes=10)
    assert look(runtime) == "decided"
    assert len(tracker.issues) == 1


def test_a_refusal_is_told_once_in_a_note_and_tried_again_the_next_day(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    tracker.mishaps = [("before", Refused("the project ENG has no issue type")) for _ in range(2)]
    for delivery in "abc":
        assert ring(runtime, delivery).outcome in ("decided", "unchanged"), "the ticket goes on"
        clock.move(minutes=5)
    assert tracker.calls.count("create") == 1
    assert states(runtime) == {f"{REF}:issue": "refused"}
    (told,) = news(desk)
    assert "No issue could be made for engineering: the project ENG has no issue type." in told
    for delivery in "de":
        clock.move(hours=25)
        ring(runtime, delivery)
    assert len(tracker.issues) == 1
    assert len(news(desk)) == 2, "the refusal once, then the issue"


def test_fields_that_an_issue_had_to_be_made_without_are_told_with_the_reason(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker
) -> None:
    tracker.left_out = {"components": "no component is named Reports"}
    ring(runtime, "a")
    (told,) = news(desk)
    assert "It had to be made without:\n- components: no component is named Reports" in told
    (effect,) = (one for one in runtime.store.effects_of(REF) if one.key.endswith(":issue"))
    assert (effect.state, effect.reason) == ("confirmed", "without components: no component is named Reports")


@pytest.mark.parametrize(("mode", "off"), [("shadow", ""), ("assist", ""), ("auto", "issue")])
def test_an_issue_that_is_held_back_is_made_when_it_is_permitted(
    tmp_path: Path, runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, mode: str, off: str
) -> None:
    runtime.settings = configured(tmp_path, mode=mode, off=off)
    ring(runtime, "a")
    assert tracker.calls == []
    assert states(runtime) == {f"{REF}:issue": "planned"}
    notes = "".join(one.body for one in desk.ticket.comments if one.speaker is Speaker.WORKER)
    assert ("- make an issue for engineering" in notes) is (mode == "assist")
    runtime.settings = configured(tmp_path)
    ring(runtime, "b")
    assert len(tracker.issues) == 1
    assert set(states(runtime).values()) == {"confirmed"}


class Died(BaseException):
    """The process ends here."""


class Mortal:
    """Something whose calls end the process after number ``mortal_at``, counted over all that share it, from the first
    search for an issue on."""

    mortal_calls = 0
    mortal_at = 0
    mortal_counts = False

    def __init__(self, inside: object, names: set[str]) -> None:
        self._inside, self._names = inside, names

    def __getattr__(self, name: str) -> object:
        found = getattr(self._inside, name)
        if name not in self._names:
            return found

        def call(*args: object, **more: object) -> object:
            result = found(*args, **more)
            Mortal.mortal_counts = Mortal.mortal_counts or name == "find_issue"
            Mortal.mortal_calls += Mortal.mortal_counts
            if Mortal.mortal_calls == Mortal.mortal_at:
                raise Died
            return result

        return call


WRITES = {"plan_effects", "mark_effects", "link", "observed", "lost", "wrote", "remember"}
CALLS = {"create_issue", "link_remote", "fetch", "find_issue"}


def test_a_worker_that_dies_after_any_step_leaves_one_issue_one_link_and_one_note(
    tmp_path: Path, policies: Policies
) -> None:
    steps = 0
    migrate(f"sqlite:///{tmp_path}/empty.db")
    while True:
        steps += 1
        folder = tmp_path / str(steps)
        folder.mkdir()
        clock, settings = Clock(), configured(folder)
        desk, tracker = ScriptedVendor(TICKET), Tracker(clock)
        shutil.copy(tmp_path / "empty.db", folder / "store.db")
        runtime = Runtime(settings, KNOBS, now=clock)
        runtime.__dict__["policies"] = policies
        store = runtime.store
        runtime.__dict__["store"] = Mortal(store, WRITES)
        mortal_desk, mortal_tracker = Mortal(desk, {"send"}), Mortal(tracker, CALLS)
        runtime.clients |= {("zendesk", "acme"): mortal_desk, ("jira", "dev"): mortal_tracker}  # type: ignore[dict-item]
        Mortal.mortal_calls, Mortal.mortal_at, Mortal.mortal_counts = 0, steps, False
        died = False
        try:
            ring(runtime, "a")
        except Died:
            died = True
        Mortal.mortal_at = 0
        for _ in range(4):
            clock.move(seconds=200)
            look(runtime)
            if tracker.issues:  # its own event comes back, perhaps while nobody knows whose issue it is
                ring(runtime, f"issue {clock.at}", ISSUE)
        assert len(tracker.issues) == 1, steps
        assert len(tracker.links) == 1, steps
        assert len(news(desk)) == 1, (steps, news(desk))
        assert states(runtime) == {f"{REF}:issue": "confirmed", f"{REF}:remote_link:ENG-1": "confirmed"}, steps
        assert store.linked(ISSUE) == ()
        assert store.history(ISSUE) == [], "engineering's issue is never triaged"
        store.close()
        if not died:
            break
    assert steps > 12


def test_what_changes_on_the_issue_comes_back_as_one_note_each(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    tracker.changes("ENG-1", status_name="In Progress", status=Status.OPEN)
    result = ring(runtime, "b", ISSUE)
    assert (result.outcome, result.others) == ("observed", (REF,))
    assert look(runtime) in ("decided", "unchanged")
    assert news(desk)[-1].startswith("ENG-1 is In Progress.")
    tracker.comments("ENG-1", "#support: it is a full disk.\n\nTell them <b>tonight</b>\nFirstline news aaaaaaaaaaaa")
    tracker.comments("ENG-1", "between us: what a mess")
    ring(runtime, "c", ISSUE)
    look(runtime)
    said = news(desk)[-1]
    assert "An engineer wrote to support in ENG-1, 2026-03-02 10:00 UTC:\n> it is a full disk.\n> Tell them" in said
    assert "ENG-1 is" not in said, "the status was told before"
    assert not any("mess" in one for one in news(desk))
    assert len(news(desk)) == 3
    for delivery in "de":
        assert ring(runtime, delivery, ISSUE).others == ()
        assert ring(runtime, delivery + "t").outcome == "unchanged"
    assert len(news(desk)) == 3
    tracker.changes("ENG-1", status_name="To Do", status=Status.NEW)
    ring(runtime, "f", ISSUE)
    look(runtime)
    assert news(desk)[-1].startswith("ENG-1 is To Do."), "a status that comes back is news again"


@pytest.mark.policy("S2-84", "S2-86", "S2-88", "S3-27")
def test_a_resolved_issue_updates_every_ticket_once_and_opens_what_is_left_to_do(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    clock.move(hours=3)
    tracker.resolves("ENG-1")
    ring(runtime, "b", ISSUE)
    for _ in range(3):
        look(runtime)
        ring(runtime, f"b{clock.at}", ISSUE)
        clock.move(minutes=1)
    told = news(desk)[1:]
    assert len(told) == 1
    assert told[0].startswith("ENG-1 is resolved as Fixed, fixed in 2.4.\n\nAfter resolution:\n")
    for item in ("[ ] the customer confirmed", "[x] root cause documented", "[x] resolution documented"):
        assert item in told[0]
    assert "> 2026-03-02 10:00 UTC: P2 · Data · L3" in told[0]
    assert "> Engineering: ENG-1 Fixed, fixed in 2.4" in told[0]
    assert {name: desk.ticket.fields[name] for name in ("issue_status", "issue_resolution", "fix_version")} == {
        "issue_status": "Done", "issue_resolution": "Fixed", "fix_version": "2.4",
    }  # fmt: skip
    tracker.changes("ENG-1", status=Status.OPEN, status_name="Reopened", resolution="", fix_versions=())
    ring(runtime, "c", ISSUE)
    look(runtime)
    assert news(desk)[-1].startswith("ENG-1 is Reopened.")
    assert desk.ticket.fields["issue_resolution"] == "", "what no longer holds is cleared"
    tracker.resolves("ENG-1", version="2.5")
    ring(runtime, "d", ISSUE)
    look(runtime)
    assert desk.ticket.fields["fix_version"] == "2.5"
    assert sum("After resolution:" in one for one in news(desk)) == 1, "the checklist is opened once"


def test_an_issue_that_was_deleted_is_told_and_not_made_again(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    del tracker.issues["ENG-1"]
    result = ring(runtime, "b", ISSUE, "deleted")
    assert (result.outcome, result.others) == ("observed", (REF,))
    for delivery in "cde":
        clock.move(hours=30)
        ring(runtime, delivery)
    assert tracker.issues == {}
    assert [one.split("\n")[0][:17] for one in news(desk)] == ["Engineering has t", "ENG-1 was deleted"]


def test_an_issue_that_got_another_key_keeps_its_tickets(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    moved = replace(tracker.issues["ENG-1"], ref=Ref("jira", "dev", "OPS-9"), status_name="Selected")
    tracker.issues = {"ENG-1": moved, "OPS-9": moved}
    assert ring(runtime, "b", ISSUE).outcome == "renamed"
    assert ring(runtime, "c", moved.ref).outcome == "observed"
    look(runtime)
    assert "OPS-9 is Selected." in news(desk)[-1]
    assert len(tracker.asked) == 1


def test_engineerings_other_issues_are_tickets_like_any(runtime: Runtime, tracker: Tracker, clock: Clock) -> None:
    tracker.holds("SUP-5", subject="Export fails", body="x")
    with pytest.raises(AssertionError, match="nothing of ours"):
        tracker.writes(tracker.issues["SUP-5"], ())
    assert ring(runtime, "a", Ref("jira", "dev", "SUP-5")).outcome == "waiting", "it was triaged: a write was tried"


def test_a_copy_of_the_issue_belongs_to_engineering_too(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker
) -> None:
    ring(runtime, "a")
    tracker.holds("ENG-2", tags=tracker.issues["ENG-1"].tags)
    assert ring(runtime, "b", Ref("jira", "dev", "ENG-2")) == Result("observed")
    assert len(news(desk)) == 1


@pytest.mark.parametrize(
    ("settings", "knobs", "mend"),
    [
        ({"engineering": "nobody"}, KNOBS, "name a Jira account (dev)"),
        ({"engineering": "dev"}, {}, "set TRIAGE_BRIDGE__PROJECT"),
    ],
)
def test_an_account_or_a_project_that_nobody_named_stops_the_start_with_a_mend(
    tmp_path: Path, settings: dict[str, str], knobs: dict[str, str], mend: str
) -> None:
    with pytest.raises(Misconfigured) as told:
        _ = Runtime(configured(tmp_path, **settings), knobs).policies
    assert mend in str(told.value)
