"""pages: that on-call is woken about an incident, and what became of it

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

import app.store.schema

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('page',
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('episode', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('opened_by', sa.String(length=64), nullable=False),
    sa.Column('told_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('opened_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('severity', sa.String(length=2), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('acknowledged_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=128), nullable=False),
    sa.Column('acknowledged_via', sa.String(length=16), nullable=False),
    sa.Column('confirmed_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.String(length=128), nullable=False),
    sa.Column('closed_there', sa.Boolean(), nullable=False),
    sa.Column('resolved_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('resolved_why', sa.String(length=128), nullable=False),
    sa.Column('next_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('taken', sa.JSON(), nullable=False),
    sa.Column('trouble', sa.JSON(), nullable=False),
    sa.Column('lease_token', sa.Integer(), nullable=False),
    sa.Column('lease_until', app.store.schema.Utc(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('vendor', 'account', 'ticket_id', 'episode', name=op.f('pk_page'))
    )
    with op.batch_alter_table('page', schema=None) as batch_op:
        batch_op.create_index('ix_page_key', ['key'], unique=False)
        batch_op.create_index('ix_page_open', ['resolved_at', 'next_at'], unique=False)


def downgrade() -> None:
    op.drop_table('page')
