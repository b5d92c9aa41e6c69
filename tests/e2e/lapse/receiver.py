"""The product's receiver with another clock, for the production server."""

from __future__ import annotations

from app.runtime import Runtime
from app.web import wsgi
from tests.e2e.lapse import clock

app = wsgi.app
_runtime: Runtime = app.extensions["runtime"]
_runtime.now = clock.read
