"""``python -m app.cli`` is ``triage``."""

from app.cli.main import main

main()
