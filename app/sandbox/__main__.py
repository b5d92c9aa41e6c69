"""``python -m app.sandbox``: run the sandbox in the foreground."""

from __future__ import annotations

import argparse
import os

from app.sandbox.server import ACCOUNTS, serve


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="sandbox", description="A Zendesk and a Jira to try things on.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, takes a free one")
    parser.add_argument("--webhooks", action="append", default=[], metavar="URL",
                        help="where a receiver is, such as http://127.0.0.1:8080; may be given again")  # fmt: skip
    parser.add_argument("--zendesk-secret", default=os.environ.get("SANDBOX_ZENDESK_SECRET", ""),
                        help="signs Zendesk's webhooks; better in SANDBOX_ZENDESK_SECRET")  # fmt: skip
    parser.add_argument("--jira-secret", default=os.environ.get("SANDBOX_JIRA_SECRET", ""),
                        help="signs Jira's webhooks; better in SANDBOX_JIRA_SECRET")  # fmt: skip
    parser.add_argument("--account", action="append", default=[], metavar="EMAIL:TOKEN",
                        help="a user of both APIs; may be given again (firstline@sandbox.example:sandbox)")  # fmt: skip
    parser.add_argument("--over", type=float, default=60.0, help="seconds in which to file the tickets (%(default)s)")
    parser.add_argument("--no-seed", dest="seed", action="store_false", help="start empty")
    options = vars(parser.parse_args())
    given = dict(one.split(":", 1) for one in options.pop("account"))
    serve(**options, accounts=given or ACCOUNTS)


if __name__ == "__main__":
    main()
