"""The WSGI application of the web process, for the production server."""

from app.runtime import build
from app.web import create_app
from config import logging as logs
from config.settings import load

_settings = load()
logs.configure(_settings)
app = create_app(build(_settings))
