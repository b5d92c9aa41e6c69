"""The workers: Celery tasks that reconcile tickets and sweep for what is due. No rule about a ticket lives here."""
