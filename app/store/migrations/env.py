"""Alembic's environment: one engine, the same as the product's, and batch mode because SQLite cannot alter tables."""

from alembic import context

from app.store.engine import open_engine
from app.store.schema import metadata

engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
