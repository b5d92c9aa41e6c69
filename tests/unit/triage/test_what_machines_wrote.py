"""Logs, stack traces, code, tables and dumps are recognised as such: not said, and where they tell of faults pasted."""

from __future__ import annotations

import pytest

from app.triage.text import Message
from app.triage.ticket import Speaker
from tests.unit.triage.reading_of import pasted, said

PASTED = {
    "java": 'Exception in thread "main" java.lang.IllegalStateException: shop is down\n'
    "\tat com.shop.Cart.total(Cart.java:41)\n\tat com.shop.Main.main(Main.java:7)\n"
    "Caused by: java.io.IOException: gone\n"
    "\t... 23 more",
    "python": "Traceback (most recent call last):\n"
    '  File "cart.py", line 41, in total\n    return rows[0].price  # it is not the first\n'
    "IndexError: list index out of range",
    "javascript": "TypeError: Cannot read properties of undefined (reading 'down')\n    at total (cart.js:41:7)\n"
    "    at async Promise.all (index 0)\n    at https://shop.example/app.js:1:2",
    "firefox": "total@https://shop.example/app.js:41:7\ncart/<@https://shop.example/app.js:7:2",
    "node": "node:internal/errors.js:464\n    at Module._load (node:internal/modules/cjs/loader:822:12)",
    ".net": "System.NullReferenceException: Object reference not set to an instance of an object.\n"
    "   at Shop.Cart.Total(String name, Int32 count) in C:\\src\\Cart.cs:line 41\n"
    "--- End of inner exception stack trace ---",
    "go": "panic: runtime error: index out of range [3] with length 0\n\ngoroutine 1 [running]:\nmain.total(0x0)\n"
    "\t/app/cart.go:41 +0x1d\nmain.main()\n\t/app/main.go:7 +0x20",
    "php": "PHP Fatal error:  Uncaught Error: shop is down in /var/www/cart.php:41\nStack trace:\n"
    "#0 /var/www/index.php(7): total()\n#1 {main}\n  thrown in /var/www/cart.php on line 41",
    "ruby": "cart.rb:41:in `total': undefined method `price' for nil:NilClass (NoMethodError)\n"
    "\tfrom main.rb:7:in `<main>'",
    "rust": "thread 'main' panicked at src/cart.rs:41:7:\nindex out of bounds: the len is 0\n"
    "   0: std::panicking::begin_panic\n             at /rustc/abc/library/std/src/panicking.rs:617:5\n"
    "note: run with `RUST_BACKTRACE=1`",
    "gdb": "#0  0x00007f3a in raise () from /lib/libc.so.6\n#1  0x0000563b in total (rows=0x0) at cart.c:41",
    "log, iso": "2025-03-03T10:00:00.123Z ERROR shop is down\n2025-03-03T10:00:01.123Z INFO retrying",
    "log, brackets": "[2025-03-03 10:00:00] production.ERROR: shop is down",
    "log, level first": "[ERROR] shop is down for everybody\nERROR - 42 orders lost",
    "log, syslog": "Mar  3 10:00:00 web1 nginx[12]: shop is down",
    "log, apache": '203.0.113.9 - - [03/Mar/2025:10:00:00 +0100] "GET /cart HTTP/1.1" 503 12',
    "log, android": "03-03 10:00:00.123  1234  1250 E Shop: shop is down",
    "log, logfmt": 'time=2025-03-03T10:00:00Z level=error msg="shop is down"',
    "npm": "npm ERR! code ERESOLVE\nnpm ERR! shop is down",
    "shell": "ann@web1:~$ systemctl status shop\n$ curl https://shop.example/down",
    "http": "GET /cart HTTP/1.1\nUser-Agent: curl/8.5\nAccept-Language: en\n\nHTTP/1.1 503 Service Unavailable\n"
    "Content-Type: text/plain",
    "json": '{\n  "error": "shop is down",\n  "code": 503\n}',
    "json, one line": '{"error": "shop is down", "code": 503}',
    "xml": '<?xml version="1.0"?>\n<soap:Envelope>\n<soap:Fault>shop is down</soap:Fault>\n</soap:Envelope>',
    "sql": "SELECT id, total FROM orders WHERE state = 'down';\nUPDATE orders SET state = 'down' WHERE id = 7;",
    "code": "const cart = await load(7);\nif (cart.down) {\n  throw new Error('down');\n}",
    "code, python": "from shop import cart\ndef total(rows):\n    return rows",
    "fence": "```\nthe whole shop is down\n```",
    "fence, tildes": "~~~\nthe whole shop is down\n~~~",
    "fence, jira": "{code:java}\nthe whole shop is down\n{code}",
}
TABLES = {
    "markdown": "| Order | State |\n|---|---|\n| 7 | down |\n| 8 | lost |",
    "markdown, bare": "Order|State\n---|---\n7|down\n8|lost",
    "jira": "||Order||State||\n|7|down|\n|8|lost|",
    "tabs": "Order\tState\tSince\n7\tdown\t10:00\n8\tlost\t11:00",
    "drawn": "+-------+-------+\n| Order | State |\n+-------+-------+\n| 7     | down  |\n+-------+-------+",
    "system": "OS: Windows 11\nBrowser: Firefox 115\nVersion: 4.2 crash build\nMemory: 16 GB",
}


@pytest.mark.parametrize("paste", PASTED.values(), ids=PASTED)
def test_what_is_pasted_is_not_said_but_kept(paste: str) -> None:
    text = f"Since today I see this when I open my cart:\n\n{paste}\n\nWhat shall I do?"
    assert said(text) == "since today i see this when i open my cart: what shall i do?"
    first = paste.splitlines()[0].split()[0].lower()
    assert first in pasted(text)


def test_a_letter_between_the_fences_of_a_form_is_said() -> None:
    text = "### What happened?\n\n```shell\nWe cannot save the order of a customer.\nDo you know what to do?\n```\n"
    assert "we cannot save the order of a customer." in said(text)


def test_a_letter_that_was_sent_as_preformatted_text_is_said() -> None:
    text = "```\nGuten Tag,\nseit heute ist der ganze Shop weg.\n2025-03-03 10:00:00 ERROR down\n```"
    assert "seit heute ist der ganze shop weg." in said(text)
    assert pasted(text) == "2025-03-03 10:00:00 error down"


def test_a_fence_that_is_never_closed_goes_on_to_the_end() -> None:
    assert said("Look:\n```\nthe whole site is down\n\nand so on") == "look:"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_tables_and_dumps_of_a_system_are_neither_said_nor_pasted(table: str) -> None:
    text = f"I send you what I have:\n\n{table}\n\nWhat shall I do?"
    assert said(text) == "i send you what i have: what shall i do?"
    assert pasted(text) == ""
    assert "what i have" in Message("body", Speaker.CUSTOMER, text).without()


@pytest.mark.parametrize(
    "text",
    [
        "Name: Ann\nOrder: 7\nProblem: the whole site is down\nSince: Monday",
        "#4711 is still open and the whole site is down",
        "Select the item from the list and the whole site is down",
        "| what we see | what we want |\n|---|---|\n"
        "| the whole site is down and we have no idea what to tell the customers | it works |",
        "At the office (Berlin) the whole site is down",
        "Import from the file ends and the whole site is down;",
        "Error after login, the whole site is down",
        "Update: the whole site is down",
        "GET /orders is slow and since noon the whole site is down",
        "In general the pointer is never set, so that the whole site is down: foo(x);",
        "I use https://shop.example and the whole site is down",
        "- first I log in;\n- then the whole site is down;",
    ],
)
def test_a_persons_words_are_no_machines(text: str) -> None:
    assert "whole site is down" in said(f"Hello,\n\n{text}\n\nPlease help.")
