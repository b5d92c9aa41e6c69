"""Puts both vendors behind one port and runs them until told to stop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from app.sandbox import control, moments, pages, people
from app.sandbox.faults import Faults
from app.sandbox.jira import rest as jira_rest
from app.sandbox.jira.events import JiraHook
from app.sandbox.jira.site import Site
from app.sandbox.journal import Journal
from app.sandbox.seeding import Seeding
from app.sandbox.webhooks import Sender
from app.sandbox.zendesk import rest as zendesk_rest
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.events import ZendeskHook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACCOUNTS = {people.WORKER_EMAIL: people.WORKER_TOKEN}


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the journal has it all."""


class Sandbox:
    """A running sandbox: ``start`` it, ask for its ``url``, ``stop`` it. Port 0 takes a free one.

    ``webhooks`` are base addresses of receivers: deliveries go to ``/webhooks/zendesk`` and ``/webhooks/jira`` there.
    ``accounts`` are the users of both APIs with their tokens. ``over`` is the seconds in which the seeds are filed.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        webhooks: Sequence[str] = (),
        zendesk_secret: str = "",
        jira_secret: str = "",
        accounts: Mapping[str, str] = ACCOUNTS,
        over: float = 60.0,
        seed: bool = True,
    ) -> None:
        self.sender, self.faults, self.journal = Sender(), Faults(), Journal()
        self.account = Account(accounts, self.sender)
        self._server = make_server(host, port, self._placeholder, threaded=True, request_handler=_Handler)
        self.url = f"http://{host}:{self._server.server_port}"
        self.site = Site(accounts, self.sender, f"{self.url}/jira")
        for base in webhooks:
            self.account.hooks.append(ZendeskHook(f"{base.rstrip('/')}/webhooks/zendesk", zendesk_secret))
            self.site.hooks.append(JiraHook(f"{base.rstrip('/')}/webhooks/jira", jira_secret))
        self._server.app = self._application()
        self._seeding = Seeding(self.account, self.site, over, webhooks) if seed else None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True)

    def start(self) -> None:
        """Answer requests, and begin to file the seeds."""
        self._thread.start()
        if self._seeding:
            self._seeding.start()

    def stop(self) -> None:
        """End everything that was started."""
        if self._seeding:
            self._seeding.stop()
        self._server.shutdown()
        self._server.server_close()
        self.sender.stop()
        moments.stop(None)

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @staticmethod
    def _placeholder(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        """Stands in until the port, which addresses contain, is known."""
        return Response(status=503)(environ, start_response)

    def _application(self) -> WSGIApplication:
        zendesk, jira = zendesk_rest.create_app(self.account), jira_rest.create_app(self.site)
        self.journal.watch(zendesk, "zendesk")
        self.journal.watch(jira, "jira")
        front = Flask(__name__, static_folder=None)
        front.register_blueprint(pages.blueprint(self.account, self.site))
        front.register_blueprint(control.blueprint(self.account, self.site, self.journal, self.faults, self.sender))
        mounts = {
            "/zendesk": self.faults.wrap(zendesk.wsgi_app, "zendesk"),
            "/jira": self.faults.wrap(jira.wsgi_app, "jira"),
        }
        vendors = DispatcherMiddleware(front.wsgi_app, mounts)

        def application(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
            """Pages for people live beside the APIs, under the vendors' own paths."""
            for_people = environ["PATH_INFO"].startswith(("/zendesk/agent/", "/jira/browse/"))
            return (front.wsgi_app if for_people else vendors)(environ, start_response)

        return application


def serve(**options: Any) -> None:
    """Run a sandbox (the options are ``Sandbox``'s) until SIGTERM or SIGINT; print its address when it is ready."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with Sandbox(**options) as sandbox:
        print(f"sandbox ready on {sandbox.url}", flush=True)
        print(f"a Zendesk and a Jira to try things on: {sandbox.url}/", file=sys.stderr, flush=True)
        with suppress(KeyboardInterrupt):
            stopped.wait()
