"""The receiver and the pages: ``create_app`` makes the Flask application. It loads neither zenpy nor jira."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from app.runtime import Runtime
from app.web import board, health, known_issues, pages, webhooks
from config.server import MAX_BODY

log = structlog.get_logger("web")


def create_app(runtime: Runtime) -> Flask:
    """The WSGI application over one process's parts."""
    app = Flask("app.web", static_folder=None)
    app.extensions["runtime"] = runtime
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROPAGATE_EXCEPTIONS=False)
    app.register_blueprint(webhooks.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(board.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(known_issues.blueprint)
    app.register_error_handler(HTTPException, _problem)
    app.after_request(_security_headers)
    return app


def _problem(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.name, detail=error.description), error.code or 500


def _security_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
