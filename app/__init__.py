"""Firstline, the triage worker for Zendesk and Jira: the map of this house.

    doors      app.web  |  workers  |  app.cli       never import each other
    wiring     app.runtime                           the only place where parts are put together
    adapters   app.vendors | app.store | app.queue   never import each other
               app.oncall | app.budget | app.packs | app.advisor
    core       app.triage                            values in, values out: no I/O, no clock, no vendor
    ground     config.settings, app.errors           import nothing of ours

Imports point downward only; ``app.sandbox`` (a Zendesk and a Jira to try things on) imports nothing of ours.
``make test`` enforces this with import-linter (see pyproject.toml).
"""
