"""Which answers are nearly the same, which say nothing of their own, and what counts as a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest

from app.triage.answers_alike import LEAST_SHARED, GivenAnswer, alike, given, shows_a_page, to_propose
from app.triage.ticket import Comment, Ref, Speaker, Ticket
from tests.unit.triage.conftest import NOW, a_ticket
from tests.unit.triage.given_answers import EMPTY, OTHERS, SAME

ACCOUNTS = ("acme", "globex", "initech", "umbrella")  # each has a key of its own, so each is another draw


def ticket(*answers: str, account: str = "acme", speaker: Speaker = Speaker.AGENT) -> Ticket:
    comments = tuple(Comment(str(n), speaker, body, NOW, author_id="9") for n, body in enumerate(answers, start=1))
    return replace(a_ticket("How does it work?"), ref=Ref("zendesk", account, "1"), comments=comments)


def bands(answer: str, account: str = "acme") -> frozenset[str]:
    (one,) = given(ticket(answer, account=account))
    return frozenset(one.bands)


def meet(one: str, other: str, account: str = "acme") -> bool:
    return len(bands(one, account) & bands(other, account)) >= LEAST_SHARED


def share(pairs: Iterator[tuple[str, str]]) -> float:
    met = [meet(one, other, account) for one, other in pairs for account in ACCOUNTS]
    return sum(met) / len(met)


@pytest.mark.policy("S4-09")
def test_the_same_answer_is_found_again_however_it_is_greeted_signed_and_varied() -> None:
    assert share((first, varied) for first, varied, _ in SAME.values()) >= 0.95


@pytest.mark.policy("S4-09")
def test_of_answers_that_a_colleague_puts_in_other_words_every_other_one_is_found() -> None:
    assert share((one, reworded) for *those, reworded in SAME.values() for one in those) >= 0.5


@pytest.mark.policy("S4-09")
def test_other_answers_never_meet_however_alike_their_politeness_and_their_menus_are() -> None:
    said = [(name, answer) for name, answers in SAME.items() for answer in answers]
    said += [(answer, answer) for answer in OTHERS]
    hashed = [(name, [bands(answer, account) for account in ACCOUNTS]) for name, answer in said]
    pairs = [(one, other) for (name, one), (another, other) in combinations(hashed, 2) if name != another]
    assert len(pairs) > 800
    wrong = [pair for pair in pairs if any(len(a & b) >= LEAST_SHARED for a, b in zip(*pair, strict=True))]
    assert len(wrong) == 0


@pytest.mark.parametrize("answer", EMPTY)
def test_thanks_promises_and_questions_are_no_answer(answer: str) -> None:
    assert given(ticket(answer)) == ()


def test_a_short_answer_is_not_compared() -> None:
    assert given(ticket("Press the green button at the top of the page.")) == ()


def test_what_is_quoted_below_an_answer_is_not_part_of_it() -> None:
    said = SAME["export contacts"][0]
    quoted = "\n\nOn Mon, 2 Mar 2026 at 10:00, Eve wrote:\n> " + OTHERS[3].replace("\n", "\n> ")
    assert bands(said) == bands(said + quoted)


def test_hashes_hold_no_words_and_are_another_account_s_own() -> None:
    said = SAME["export contacts"][0]
    assert all(len(band) == 16 and int(band, 16) >= 0 for band in bands(said))
    assert not bands(said, "acme") & bands(said, "globex")


def test_only_what_people_on_our_side_say_to_the_customer_counts() -> None:
    said = SAME["export contacts"][0]
    assert len(given(ticket(said))) == 1
    assert given(ticket(said, speaker=Speaker.CUSTOMER)) == ()
    assert given(ticket(said, speaker=Speaker.WORKER)) == ()
    assert given(ticket(said), our_id="9") == ()
    internal = replace(ticket(said).comments[0], public=False)
    assert given(replace(ticket(said), comments=(internal,))) == ()
    assert given(replace(ticket(said), customer_reads=False)) == ()


def test_of_many_answers_the_latest_are_compared() -> None:
    assert [one.comment_id for one in given(ticket(*OTHERS[:6]))] == ["3", "4", "5", "6"]


def answered(*, others: int, cited: bool = False) -> GivenAnswer:
    found = [(Ref("zendesk", "acme", str(number)), cited and number == 0) for number in range(others)]
    return alike(GivenAnswer("1", NOW, ()), found)


@pytest.mark.policy("S4-09")
def test_a_page_is_proposed_at_the_third_ticket_and_each_time_the_number_has_doubled() -> None:
    told = [others + 1 for others in range(200) if to_propose([answered(others=others)], 3)]
    assert told == [3, 6, 12, 24, 48, 96, 192]
    assert [others + 1 for others in range(20) if to_propose([answered(others=others)], 5)] == [5, 10, 20]
    assert to_propose([answered(others=1), answered(others=2)], 3) == answered(others=2).tickets
    assert to_propose([answered(others=2, cited=True)], 3) == ()
    assert to_propose([], 3) == ()


PAGES = {
    "see https://help.acme.example/export.": True,
    "See HTTP://HELP.ACME.EXAMPLE/export": True,
    "[this page](https://help.acme.example/articles/12)": True,
    "https://acme.zendesk.com/hc/en-us/articles/360001-Export": True,
    "https://wiki.acme.example/spaces/DOC/browse/guide": True,
    "our site is https://www.acme.example or https://www.acme.example/": False,
    "this is https://acme.zendesk.com/agent/tickets/12": False,
    "see https://acme.zendesk.com/hc/requests/12 please": False,
    "https://acme.atlassian.net/browse/ENG-7": False,
    "https://acme.atlassian.net/servicedesk/customer/portal/4/SUP-1": False,
    "https://acme.atlassian.net/servicedesk/customer/portal/4/article/98": True,
    "https://acme.zendesk.com/attachments/token/ab/?name=x.png": False,
    "a video: https://www.loom.com/share/ab12": False,
    "https://loom.community.example/share": True,
    "write to https://": False,
    "help": False,
}


@pytest.mark.parametrize(("said", "page"), PAGES.items())
def test_a_page_is_any_address_but_of_tickets_front_pages_and_named_hosts(said: str, page: bool) -> None:
    assert shows_a_page(ticket(f"Hello, {said}"), ["loom.com"]) is page


def test_a_page_may_stand_behind_words_in_a_reply_of_ours_or_any_other_answer() -> None:
    bare = ticket("Hello", "Look at this page.")
    link = replace(bare.comments[1], links=("https://help.acme.example/export",))
    assert shows_a_page(replace(bare, comments=(bare.comments[0], link)), ())
    assert shows_a_page(replace(bare, comments=(replace(link, speaker=Speaker.WORKER),)), ())
    assert not shows_a_page(replace(bare, comments=(replace(link, public=False),)), ())
    assert not shows_a_page(ticket("https://help.acme.example/export", speaker=Speaker.CUSTOMER), ())


def test_an_address_in_a_signature_or_a_quoted_mail_is_no_page() -> None:
    signed = "The export is in the menu.\n\nKind regards,\nMia\nhttps://www.acme.example/careers"
    quoted = "It is in the menu.\n\nOn Mon, 2 Mar 2026 at 10:00, Eve wrote:\n> I read https://help.acme.example/export"
    assert not shows_a_page(ticket(signed), ())
    assert not shows_a_page(ticket(quoted), ())
