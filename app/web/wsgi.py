"""The WSGI application of the web process, for the production server."""

from app.queue import work_here
from app.runtime import build
from app.web import create_app
from config import logging as logs
from config.settings import load

_settings = load()
logs.configure(_settings)
_runtime = build(_settings)
app = create_app(_runtime)
if _settings.redis_url.startswith("memory://"):
    work_here(_runtime.celery)  # that broker lives inside one process, so the worker and the clock must too
