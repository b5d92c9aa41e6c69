"""the first tables

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

import app.store.schema

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('decision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('policy', sa.String(length=128), nullable=False),
    sa.Column('policy_digest', sa.String(length=64), nullable=False),
    sa.Column('outcome', sa.String(length=64), nullable=False),
    sa.Column('label', sa.String(length=16), nullable=False),
    sa.Column('severity', sa.String(length=2), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.create_index('ix_decision_ticket', ['vendor', 'account', 'ticket_id', 'id'], unique=False)

    op.create_table('delivery',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('delivery_id', sa.String(length=255), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('received_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('closed_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('vendor', 'account', 'delivery_id', name=op.f('uq_delivery_vendor_account_delivery_id'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index('ix_delivery_open', ['vendor', 'account', 'ticket_id', 'state'], unique=False)

    op.create_table('effect',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('action', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('planned_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('changed_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_effect')),
    sa.UniqueConstraint('key', name=op.f('uq_effect_key'))
    )
    with op.batch_alter_table('effect', schema=None) as batch_op:
        batch_op.create_index('ix_effect_ticket', ['vendor', 'account', 'ticket_id', 'state'], unique=False)

    op.create_table('health',
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('ok', sa.Integer(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_health'))
    )
    op.create_table('lease',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('until', app.store.schema.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('ticket',
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('due_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('not_before', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('lease_token', sa.Integer(), nullable=False),
    sa.Column('lease_until', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('waits', sa.Integer(), nullable=False),
    sa.Column('parked_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('parked_kind', sa.String(length=16), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('applied', sa.JSON(), nullable=False),
    sa.Column('own_tags', sa.JSON(), nullable=False),
    sa.Column('decided_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('looked_at', app.store.schema.Utc(timezone=True), nullable=True),
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.PrimaryKeyConstraint('vendor', 'account', 'ticket_id', name=op.f('pk_ticket'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_decided', ['decided_at'], unique=False)
        batch_op.create_index('ix_ticket_due', ['due_at'], unique=False)
        batch_op.create_index('ix_ticket_parked', ['parked_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_parked')
        batch_op.drop_index('ix_ticket_due')
        batch_op.drop_index('ix_ticket_decided')

    op.drop_table('ticket')
    op.drop_table('lease')
    op.drop_table('health')
    with op.batch_alter_table('effect', schema=None) as batch_op:
        batch_op.drop_index('ix_effect_ticket')

    op.drop_table('effect')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_open')

    op.drop_table('delivery')
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_index('ix_decision_ticket')

    op.drop_table('decision')
