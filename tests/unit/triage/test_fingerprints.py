"""Exact fingerprints: what a machine said, without what differs from run to run (S0-60)."""

from __future__ import annotations

import pytest

from app.triage.symptoms.fingerprints import fingerprints, strength, told
from app.triage.text import Message
from app.triage.ticket import Speaker

JAVA = """The basket is empty after login.

java.lang.IllegalStateException: could not open basket {id}
	at com.example.shop.Outer$$Lambda${n}/0x0000{n}.apply(Unknown Source)
	at com.example.shop.Basket.open(Basket.java:{n})
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:{n})
Caused by: java.lang.NullPointerException: Cannot invoke "Basket.id()"
	at com.example.shop.Price.lambda$of${n}(Price.java:{n})
	at com.example.shop.Price.of(Price.java:1{n})
	... {n} more
"""
PYTHON = """Traceback (most recent call last):
  File "/home/user{n}/app/jobs/nightly.py", line {n}, in run
    load(rows)
  File "/usr/lib/python3.11/site-packages/loader/rows.py", line 1{n}, in load
    raise RowError(row)
loader.rows.RowError: row {n} has no key
"""
BROWSER = """Uncaught TypeError: Cannot read properties of undefined (reading 'id')
    at renderRow (https://app.example.com/static/main.3f2a9c{n}.js:2:{n}8812)
    at https://app.example.com/static/main.3f2a9c{n}.js:2:19900
"""
FIREFOX = """TypeError: row is undefined
renderRow@https://app.example.com/static/main.js:{n}:1881
drawTable@https://app.example.com/static/main.js:{n}:99
"""
DOTNET = """System.NullReferenceException: Object reference not set to an instance of an object.
   at Example.Billing.InvoiceService.Close(Int32 id) in C:\\src{n}\\InvoiceService.cs:line {n}
   at Example.Web.Program.<>c__DisplayClass{n}_0.<Main>b__0()
"""
GO = """panic: runtime error: invalid memory address or nil pointer dereference

goroutine {n} [running]:
main.(*Server).Handle(0xc0000b{n}00, 0x1)
	/home/u/srv/server.go:{n} +0x1d
main.main()
	/home/u/srv/main.go:1{n} +0x2f
"""
RUBY = """app/models/cart.rb:{n}:in `total': undefined method `price' for nil (NoMethodError)
	from app/controllers/carts_controller.rb:{n}:in `show'
"""
PHP = """PHP Fatal error:  Uncaught TypeError: Argument 1 passed to add() must be an Item in /srv/Cart.php:{n}
Stack trace:
#0 /srv/www/src/Controller.php({n}): App\\Cart->add(NULL)
#1 /srv/www/index.php({n}): App\\Controller->run()
"""
TRACES = {
    "Java": JAVA, "Python": PYTHON, "browser": BROWSER, "Firefox": FIREFOX, ".NET": DOTNET, "Go": GO, "Ruby": RUBY,
    "PHP": PHP,
}  # fmt: skip


def thread(*bodies: str, speaker: Speaker = Speaker.CUSTOMER) -> list[Message]:
    first, *later = bodies
    return [
        Message("subject", Speaker.CUSTOMER, "Help"),
        Message("body", Speaker.CUSTOMER, first),
        *(Message(f"c{number}", speaker, body) for number, body in enumerate(later)),
    ]


def of_kind(kind: str, body: str) -> set[str]:
    return {one for one in fingerprints(thread(body)) if one.startswith(f"{kind}:")}


@pytest.mark.policy("S0-60")
@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_the_same_fault_has_the_same_stack_whatever_lines_addresses_and_ids_it_had(trace: str) -> None:
    one, other = (of_kind("stack", trace.replace("{n}", number).replace("{id}", number)) for number in ("41", "7"))
    assert one
    assert one == other


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_a_fault_in_another_place_has_another_stack(trace: str) -> None:
    text = trace.replace("{n}", "41").replace("{id}", "41")
    moved = text
    for place in (
        "Price",
        "Outer",
        "nightly",
        "renderRow",
        "InvoiceService",
        "Server",
        "server",
        "cart.rb",
        "Controller",
    ):
        moved = moved.replace(place, f"X{place}")
    assert of_kind("stack", text).isdisjoint(of_kind("stack", moved))


def test_the_last_cause_counts_beside_what_it_led_to() -> None:
    words = list(told(thread(JAVA.replace("{n}", "4"))).values())
    assert words[:2] == [
        "nullpointerexception in com.example.shop.price.of",
        "illegalstateexception in com.example.shop.outer.apply",
    ]


def test_frames_of_frameworks_alone_are_no_stack() -> None:
    body = (
        "java.lang.AssertionError: x\n\tat org.junit.Assert.fail(Assert.java:88)\n\tat java.lang.Thread.run(T.java:1)"
    )
    assert not of_kind("stack", body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("We get E-4711 when paying.", "e-4711"),
        ("The import stops with ORA-00942.", "ora-00942"),
        ("Word shows 0x80070005 since today.", "0x80070005"),
        ("It fails with error code 1603, every time.", "error 1603"),
        ("Fehler: KX-2044 beim Speichern", "kx-2044"),
    ],
)
def test_error_codes_are_found_by_themselves(body: str, words: str) -> None:
    assert words in told(thread(body)).values()
    assert of_kind("code", body)


@pytest.mark.parametrize(
    "body",
    [
        "It broke in Firefox on Windows 10 in July 2026, see page 404 of the manual.",
        "We use utf-8 and ISO-8859-1, e10s is on, 12 of 3000 rows are there.",
        "The order SO-4711 for 120.50 was sent on 2026-03-02.",
    ],
)
def test_what_is_no_error_has_no_fingerprint(body: str) -> None:
    assert fingerprints(thread(body)) == ()


def test_a_code_that_every_browser_shows_is_weak() -> None:
    found = fingerprints(thread("The page says ERR_CONNECTION_REFUSED."))
    assert found
    assert max(map(strength, found)) <= 0.1


def test_an_http_status_counts_with_its_path_and_hardly_without() -> None:
    one = of_kind("http", "POST /api/v1/orders/88213/pay returned 503.")
    other = of_kind("http", "Since noon https://shop.example.com/api/v1/orders/1/pay answers with HTTP 503")
    assert one == other != set()
    alone = fingerprints(thread("All we see is HTTP 500."))
    assert max(map(strength, alone)) < 0.1


def test_a_quoted_error_is_the_same_whatever_its_values_are() -> None:
    one, other = (
        of_kind(
            "error", f'It says "Invoice {number} could not be finalised: the ledger is locked by {who}@example.com"'
        )
        for number, who in (("4711", "ann"), ("15", "bob"))
    )
    assert one == other != set()


def test_an_error_that_says_nothing_is_vague() -> None:
    found = fingerprints(thread('I get the error "Something went wrong. Please try again later."'))
    assert {one.partition(":")[0] for one in found} == {"vague"}


def test_a_common_exception_without_frames_is_weak_and_a_rare_one_is_not() -> None:
    assert max(map(strength, fingerprints(thread("We see a NullPointerException.")))) <= 0.1
    assert max(map(strength, fingerprints(thread("We see a LedgerLockedException.")))) > 0.1


def test_fingerprints_come_from_the_customers_later_words_too_and_from_no_agents() -> None:
    late = "Now it says error code E-4711."
    assert fingerprints(thread("It does not work.", late))
    assert fingerprints(thread("It does not work.", late, speaker=Speaker.AGENT)) == ()


def test_what_is_quoted_from_an_earlier_mail_has_no_fingerprint() -> None:
    assert fingerprints(thread("Same here.\n\n> We get E-4711 when paying.\n> It began today.")) == ()


def test_a_fingerprint_holds_no_word_of_the_ticket() -> None:
    for one in fingerprints(thread("We get E-4711 when paying, see /home/ann/secret.txt")):
        kind, _, digest = one.partition(":")
        assert kind.isalpha()
        assert len(digest) == 16
        assert int(digest, 16) >= 0


def test_one_ticket_has_few_fingerprints_however_much_is_pasted() -> None:
    assert len(fingerprints(thread("\n".join(f"error code E-{number}" for number in range(1000, 3000))))) == 16
