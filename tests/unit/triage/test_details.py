"""What is read off a customer's words, and that every finding quotes them as they stand."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.triage.decision import Evidence
from app.triage.details import Details, details
from app.triage.ticket import Speaker, Ticket
from tests.unit.triage.conftest import a_ticket


def read(body: str = "", subject: str = "", comments: Any = ()) -> dict[str, Any]:
    """The details that were found, as plain text."""
    found = details(a_ticket(body, subject, comments))
    return {one.name: _plain(getattr(found, one.name)) for one in fields(Details) if getattr(found, one.name)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [one.quote for one in value]
    return value.quote if isinstance(value, Evidence) else value


def _evidence(found: Details) -> list[Evidence]:
    values = [getattr(found, one.name) for one in fields(Details)]
    flat = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in flat if isinstance(one, Evidence)]


def _texts(ticket: Ticket) -> dict[str, str]:
    return {"subject": ticket.subject, "body": ticket.body} | {one.id: one.body for one in ticket.comments}


REPORT = """Hi team,

the nightly export fails with "Connection reset by peer" since Monday. About 300 users are affected and we cannot bill
our customers, which costs us $4,000 a day.

Steps to reproduce:
1. Open Reports
2. Click Export
4. Wait two minutes

Expected: a CSV file
Actual: HTTP 500 and a blank page

Environment: production
Browser: Chrome 120 on Windows 11
I am signed in as an admin. See https://app.example.com/reports(a), and (https://app.example.com/x).
We cleared the cache and tried another browser. Screenshot attached.

Regards,
Ann
"""


@pytest.mark.policy(
    *("S2-41", "S2-42", "S2-43", "S2-45", "S2-46", "S2-47", "S2-48", "S2-49", "S2-50", "S2-51", "S2-52", "S2-53"),
    *("S2-71", "S3-06", "S3-07", "S3-09", "S0-68"),
)
def test_a_full_report_is_read_part_by_part() -> None:
    assert read(REPORT, "Export") == {
        "steps": ["Open Reports", "Click Export", "Wait two minutes"],
        "expected": "a CSV file",
        "actual": "HTTP 500 and a blank page",
        "environment": "production",
        "client": "Chrome 120 on Windows 11",
        "role": "admin",
        "urls": ["https://app.example.com/reports(a)", "https://app.example.com/x"],
        "errors": ["Connection reset by peer", "HTTP 500"],
        "affected": "About 300 users",
        "impact": "About 300 users are affected and we cannot bill\nour customers, which costs us $4,000 a day.",
        "money": "$4,000 a day",
        "screenshot": "Screenshot",
        "tried": ["We cleared the cache and tried another browser."],
        "problem": 'the nightly export fails with "Connection reset by peer" since Monday.',
        "disruption": "the nightly export fails",
    }


def test_an_empty_ticket_tells_nothing() -> None:
    assert details(a_ticket("", "")) == Details()


@pytest.mark.policy("S2-46", "S3-06")
@pytest.mark.parametrize(
    ("body", "steps"),
    [
        ("How to reproduce:\n\n1) Open Billing\n\n2) Choose March\n   in the picker\n5) Press Show\n\nIt is empty.",
         ["Open Billing", "Choose March\n   in the picker", "Press Show"]),
        ("Repro steps:\n- open the app\n* tap Sync\n• wait\n\nThat is all.", ["open the app", "tap Sync", "wait"]),
        ("It breaks: 1. open the list 2. sort it 3. scroll down", ["open the list", "sort it", "scroll down"]),
        ("Step 1: log in\nStep 2: open Teams\nThen it breaks", ["log in", "open Teams"]),
        ("To reproduce: open any report, press Print.\n\nIt prints a blank sheet.", ["open any report, press Print."]),
        ("Steps to reproduce\n1. Go to https://a.example.com/a\n2. Sort", ["Go to https://a.example.com/a", "Sort"]),
        ("Two questions:\n1. Can we pay yearly?\n2. Is there a discount?", []),
        ("It breaks when I sort the list.", []),
        ("It still breaks.\n\n> Steps to reproduce:\n> 1. open\n> 2. close", []),
    ],
)  # fmt: skip
def test_steps_are_the_list_that_is_announced_or_numbered(body: str, steps: list[str]) -> None:
    assert read(body).get("steps", []) == steps


@pytest.mark.policy("S2-47", "S2-48")
@pytest.mark.parametrize(
    ("body", "expected", "actual"),
    [
        ("Expected behaviour: all invoices.\nActual behaviour: none.", "all invoices.", "none."),
        ("### What did you expect to happen?\n\nA list\n\n### What happened instead?\n\nThe page froze", "A list",
         "The page froze"),
        ("**Expected result:** a PDF\n**Actual result:** a blank tab", "a PDF", "a blank tab"),
        ("It shows closed tickets instead of open ones.", "It shows closed tickets instead of open ones.", None),
        ("The total should be 40. What happens is that it stays 0.", "The total should be 40.",
         "What happens is that it stays 0."),
        ("How should it be set up?", None, None),
        ("Expected:\n\nActual: nothing", None, "nothing"),
    ],
)  # fmt: skip
def test_what_was_expected_and_what_happened(body: str, expected: str | None, actual: str | None) -> None:
    found = read(body)
    assert (found.get("expected"), found.get("actual")) == (expected, actual)


@pytest.mark.policy("S2-49")
@pytest.mark.parametrize(
    ("body", "environment"),
    [
        ("In our test environment the hook fails. Production is fine.", "test environment"),
        ("It fails in production.", "production"),
        ("We run it on-premise.", "on-premise"),
        ("Environment: eu-2, staging", "eu-2, staging"),
        ("The staging site is slow.", "staging site"),
        ("The test was fine, and our production line too.", None),
    ],
)
def test_the_environment(body: str, environment: str | None) -> None:
    assert read(body).get("environment") == environment


@pytest.mark.policy("S2-50", "S3-09")
@pytest.mark.parametrize(
    ("body", "comments", "client"),
    [
        ("Broken in Firefox 128 on Windows. Fine in Chrome.", [], "Firefox 128 on Windows"),
        ("Our iOS app 4.2 crashes.", [], "iOS app 4.2"),
        ("Chrome (version 120.0.6099.71) shows nothing.", [], "Chrome (version 120.0.6099.71)"),
        ("Blank in Safari.", ["I forgot: Safari 17.4 on macOS 14.4."], "Safari 17.4 on macOS 14.4"),
        ("Blank in Safari.", [(Speaker.AGENT, "Is it Safari 17?")], "Safari"),
        (
            "UA: Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0",
            [],
            "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0",
        ),
        ("An edge case: two windows open at once.", [], None),
    ],
)
def test_the_client_is_the_first_one_with_a_version(body: str, comments: Any, client: str | None) -> None:
    assert read(body, "", comments).get("client") == client


@pytest.mark.policy("S2-51")
@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("As a read-only user I see nothing.", "read-only user"),
        ("I'm the account owner and cannot invite anybody.", "account owner"),
        ("Role: billing admin", "billing admin"),
        ("Somebody with editor rights must do it.", "editor rights"),
        ("My manager said it is slow.", None),
    ],
)
def test_the_role(body: str, role: str | None) -> None:
    assert read(body).get("role") == role


@pytest.mark.policy("S2-52")
@pytest.mark.parametrize(
    ("body", "urls"),
    [
        ("See (https://a.example.com/a?b=1), [https://a.example.com/l]. Also https://a.example.com/a?b=1.",
         ["https://a.example.com/a?b=1", "https://a.example.com/l"]),
        ("www.example.com/wiki/Tag_(type)!", ["www.example.com/wiki/Tag_(type)"]),
        ('<a href="https://a.example.com/x">here</a>', ["https://a.example.com/x"]),
        (" ".join(f"https://a.example.com/{n}" for n in range(9)), [f"https://a.example.com/{n}" for n in range(5)]),
        ("It fails.\n\n> https://a.example.com/old", []),
        ("https:// and http://", []),
    ],
)  # fmt: skip
def test_addresses_are_trimmed_told_once_and_five_at_most(body: str, urls: list[str]) -> None:
    assert read(body).get("urls", []) == urls


@pytest.mark.policy("S2-53")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("The screen says „Verbindung unterbrochen“ each time.", ["Verbindung unterbrochen"]),
        ("I get the error 'No such tag'.", ["No such tag"]),
        ('"Quota exceeded" appears.', ["Quota exceeded"]),
        ("Error: Quota exceeded (12)", ["Quota exceeded (12)"]),
        ("TypeError: x is undefined", ["TypeError: x is undefined"]),
        ("It fails with E-2041, error code 1187, and ERR_CONNECTION_RESET.",
         ["E-2041", "error code 1187", "ERR_CONNECTION_RESET"]),
        ("We see HTTP 500 and 502 Bad Gateway.", ["HTTP 500", "502 Bad Gateway"]),
        ('We call it "the blue list".', []),
        ("The 500 users are fine.", []),
    ],
)  # fmt: skip
def test_errors_are_quoted_word_for_word(body: str, errors: list[str]) -> None:
    assert read(body).get("errors", []) == errors


TRACE = """java.lang.IllegalStateException: queue closed
\tat com.example.Queue.put(Queue.java:42)
Caused by: java.io.IOException: broken pipe"""
PYTHON = 'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    foo()\nValueError: bad thing'


@pytest.mark.policy("S2-54", "S3-08")
@pytest.mark.parametrize(
    ("body", "logs"),
    [
        (f"The sync crashed.\n\n{TRACE}\n\nPlease help.", TRACE),
        (f"{PYTHON}\n\nThis happens daily.", PYTHON),
        ("See:\n```\nline one\nline two\n```\nThanks a lot for it", "line one\nline two"),
        ("See:\n" + "\n".join(f"2025-03-01 10:00:{n:02} row" for n in range(30)),
         "\n".join(f"2025-03-01 10:00:{n:02} row" for n in range(12))),
        ("Nothing is pasted here.", None),
    ],
)  # fmt: skip
def test_a_log_is_the_first_lines_of_what_was_pasted(body: str, logs: str | None) -> None:
    assert read(body).get("logs") == logs


@pytest.mark.policy("S2-42")
@pytest.mark.parametrize(
    ("body", "affected"),
    [
        ("3 out of our 2,000 users cannot log in.", "3 out of our 2,000 users"),
        ("All 12 stores are offline.", "All 12 stores"),
        ("One colleague cannot open it.", "One colleague"),
        ("It fails for 40% of our users.", "40% of our users"),
        ("Some users see it; we counted 17 users today.", "17 users"),
        ("The whole day nobody in our office can work.", "nobody in our office"),
        ("We would like to add 20 users to our plan.", None),
        ("Good morning everybody, it is slow.", None),
    ],
)
def test_how_many_are_affected(body: str, affected: str | None) -> None:
    assert read(body).get("affected") == affected


@pytest.mark.policy("S2-43", "S2-45")
@pytest.mark.parametrize(
    ("body", "impact", "money"),
    [
        ("Tills are off. Stores stand still. We lose EUR 41,300 per day.", "Stores stand still.", "EUR 41,300 per day"),
        ("It is stuck. Because of that we cannot pay our people.", "Because of that we cannot pay our people.", None),
        ("It would be 1.200,50 € a month.", None, "1.200,50 € a month"),
        ("The logo is blurred.", None, None),
    ],
)
def test_what_it_means_for_the_business(body: str, impact: str | None, money: str | None) -> None:
    found = read(body)
    assert (found.get("impact"), found.get("money")) == (impact, money)


@pytest.mark.policy("S3-07")
@pytest.mark.parametrize(
    ("body", "screenshot"),
    [
        ("It flickers. I have attached a screen recording.", "I have attached a screen recording"),
        ("It looks like this: !menu.png|thumbnail!", "!menu.png|thumbnail!"),
        ("I have no screenshot, sorry.", None),
        ("Attachments do not upload.", None),
    ],
)
def test_a_screenshot_is_mentioned(body: str, screenshot: str | None) -> None:
    assert read(body).get("screenshot") == screenshot


@pytest.mark.policy("S2-71")
def test_what_was_tried_and_not_what_was_not() -> None:
    body = "Exports hang. We restarted the agent. I also tried a different laptop. I have not tried to reinstall it."
    assert read(body)["tried"] == ["We restarted the agent.", "I also tried a different laptop."]


@pytest.mark.policy("S2-41")
@pytest.mark.parametrize(
    ("body", "subject", "problem"),
    [
        ("Good morning everybody, I hope you are well. The export is stuck.", "Export", "The export is stuck."),
        ("Hallo, the menu flickers.", "", "the menu flickers."),
        ("Hi, how do I change the language?", "", "how do I change the language?"),
        ("We moved office. Now printing fails.", "", "Now printing fails."),
        ("It does not matter much. Amounts are garbled.", "", "Amounts are garbled."),
        ("Cards work without any trouble. Only the export fails.", "", "Only the export fails."),
        ("Steps: 1. open any case, 2. press Close. Nothing.", "Cannot close any case", "Cannot close any case"),
        ("Hello?", "Login broken for everyone", "Login broken for everyone"),
        ("Steps:\n- open the app\n- wait", "Crash", "Crash"),
    ],
)
def test_the_problem_is_one_sentence_and_no_greeting(body: str, subject: str, problem: str) -> None:
    assert read(body, subject)["problem"] == problem


@pytest.mark.policy("S0-68")
@pytest.mark.parametrize(
    ("body", "disruption"),
    [
        (
            "Unfortunately our payroll export has been stuck at 99% since Friday.",
            "payroll export has been stuck at 99%",
        ),
        ("We noticed that the chart is blank.", "the chart is blank"),
        ("Saving fails.", "Saving fails"),
        ("Sending a form fails about one time in six with “later”.", "Sending a form fails about one time in six"),
        ("The entire gateway is down as of 14:02 UTC.", ""),
        ("Nothing is wrong at the\nmoment.", ""),
        ("Payments go through without any trouble.", ""),
        ("The chart\nis blank.", "The chart is blank"),
        ("Since the update the invoice list stays empty.", ""),
        ("3 out of our 2,000 users cannot log in.", ""),
        ("It does not work.", ""),
        ("Is the site down?", ""),
        ("https://a.example.com is down and <b>broken</b>.", ""),
        ("{customer} is down.", ""),
        ("The " + "very " * 20 + "long list fails.", ""),
    ],
)
def test_a_disruption_is_repeated_only_where_it_is_safe(body: str, disruption: str) -> None:
    assert read(body).get("disruption", "") == disruption


@pytest.mark.policy("S0-73")
@pytest.mark.parametrize(
    ("body", "subject", "capability"),
    [
        ("It would be great to have a dark mode. Thanks!", "", "a dark mode"),
        ("Please add bulk edit for tags so that we save time.", "", "bulk edit for tags"),
        ("It would be nice to have an audit log for exports, because auditors ask.", "", "an audit log for exports"),
        ("Are there plans to support single sign-on with our own provider?", "", "single sign-on"),
        ("See above.", "Feature request: dark mode", "dark mode"),
        ("We would like a refund.", "", ""),
        ("We would like to add 20 users.", "", ""),
        ("Please add <script>x</script>.", "", ""),
    ],
)
def test_a_wish_is_repeated_only_where_it_is_safe(body: str, subject: str, capability: str) -> None:
    assert read(body, subject).get("capability", "") == capability


def test_only_the_customer_is_read() -> None:
    said = [(Speaker.AGENT, "Chrome 1 fails for 9 users."), (Speaker.WORKER, "Edge 2 fails for 8 users.")]
    assert read("The menu flickers.", "Menu", said) == {"problem": "The menu flickers."}


def test_braces_and_marks_are_words_like_others() -> None:
    body = "Firstline note ab12 · policy {customer}. The page {problem} fails."
    assert read(body) == {"problem": "The page {problem} fails."}


def test_no_more_than_the_beginning_of_a_long_thread_is_read() -> None:
    long = "word " * 13_000
    assert "money" in read(long + "$40")
    assert "money" not in read(long + "word " * 500 + "$40")


WORDS = st.sampled_from(
    [
        *(
            "error",
            "Error: ",
            '"',
            "„",
            "“",
            "'",
            "1. ",
            "2) ",
            "- ",
            "\n",
            "\n\n",
            " ",
            "steps:",
            "Expected:",
            "Actual: x",
        ),
        *(
            "https://a.b/)",
            "Chrome 1",
            "as an admin",
            "ﬁ",
            "İ",
            "ß",
            "é",
            "\u200b",
            "```",
            "{code}",
            "> ",
            "300 users",
            "$4",
        ),
        *(
            "we tried",
            "screenshot",
            "in production",
            "fails",
            "would like a",
            "Hi,",
            ".",
            "?",
            "at a.b(c)",
            "\ud800",
            "\x00",
        ),
    ]
)


@settings(max_examples=150)
@given(
    body=st.text(max_size=80) | st.lists(WORDS, max_size=30).map("".join),
    subject=st.text(max_size=20) | st.lists(WORDS, max_size=5).map("".join),
    comment=st.lists(WORDS, max_size=10).map("".join),
)
@example(body="", subject="1. 2) 0", comment="")
@example(body="ﬁx the ﬁle: error „ﬁle ﬁﬁ“ in Chrome 120. İt fails.", subject="", comment="")
def test_every_finding_quotes_the_text_it_names(body: str, subject: str, comment: str) -> None:
    ticket = a_ticket(body, subject, [comment])
    found = details(ticket)
    texts = _texts(ticket)
    for one in _evidence(found):
        assert one.quote == texts[one.source][one.start : one.end]
        assert one.quote.strip()
    for phrase in (found.disruption, found.capability):
        assert len(phrase) <= 60
        assert not set(phrase) & set("<>{}@:\n")
    assert details(ticket) == found


def test_a_labelled_line_is_no_part_of_the_sentence_beside_it() -> None:
    found = read("The list is empty\nBrowser: Firefox 121\nWe cleared the cache\nEnvironment: staging\nPlease help")
    assert found["tried"] == ["We cleared the cache"]
    assert found["problem"] == "The list is empty"


@pytest.mark.policy("S2-46")
def test_a_heading_below_a_list_is_no_step() -> None:
    body = "### Steps to reproduce\n- Go to the login\n- Press Enter\n\n### Expected behavior\n\nThe dashboard opens."
    assert read(body)["steps"] == ["Go to the login", "Press Enter"]
    assert read("h3. Steps\n# Create a job\n# Run it\n\nh3. Expected result\nIt runs")["expected"] == "It runs"


@pytest.mark.policy("S2-41")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("### Describe the bug\nLogin leads to the login page.\n\n### Expected behavior\n\nThe dashboard opens.",
         "Login leads to the login page."),
        ("My name is Ana and I write about the calendar. Unfortunately the calendar has not synced since Friday.",
         "Unfortunately the calendar has not synced since Friday."),
        ("I was charged $49 twice for March. Please refund one.", "I was charged $49 twice for March."),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\nThe page is blank for me.",
         "The page is blank for me."),
    ],
)  # fmt: skip
def test_the_problem_is_no_heading_courtesy_expectation_or_browser(body: str, problem: str) -> None:
    assert read(body, "About us")["problem"] == problem


@pytest.mark.policy("S2-42", "S2-43")
@pytest.mark.parametrize(
    "body",
    [
        "What happens if 500 users sign in at once?",
        "The export is not failing for our 12 stores.",
        "Suppose we cannot ship orders for 300 customers.",
        "It works again for all 40 users.",
        "We have 40 employees and are happy.",
    ],
)
def test_what_is_imagined_over_or_merely_so_is_no_impact(body: str) -> None:
    assert not {"affected", "impact"} & read(body).keys()


@pytest.mark.policy("S2-42")
def test_later_numbers_count_and_numbers_before_words() -> None:
    found = read(
        "It fails for 3 users.", comments=["Now 250 users see errors.", "One of our colleagues cannot log in."]
    )
    assert found["affected"] == "250 users"
    assert read("We have 40 employees who cannot log in.")["affected"] == "40 employees"


@pytest.mark.policy("S2-49")
def test_the_environment_is_where_it_fails() -> None:
    assert read("Works fine on staging. In production webhooks arrive twice.")["environment"] == "production"
    assert read("### Environment\n_No response_\n").get("environment") is None


@pytest.mark.policy("S2-53")
def test_a_quotation_after_with_and_one_that_begins_as_an_error_are_error_texts() -> None:
    found = read('It fails since noon with "Disk quota exceeded". Later: "Error 500: no space".')
    assert found["errors"] == ["Disk quota exceeded", "Error 500: no space"]


@pytest.mark.policy("S0-68", "S0-73")
def test_rude_shouted_and_withdrawn_words_are_not_repeated() -> None:
    for body in (
        "YOUR EXPORT IS BROKEN AGAIN",
        "The stupid export is broken.",
        "The export is not broken any more.",
        "The export was broken, it works again.",
    ):
        assert "disruption" not in read(body), body
    assert read("It would be great if we could schedule reports by e-mail.")["capability"] == (
        "schedule reports by e-mail"
    )
