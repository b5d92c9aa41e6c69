"""writing back: links to issues, corrections, jobs, and what a ticket showed

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

import app.store.schema

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def _serial() -> sa.Column:
    return sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False)


def _ticket() -> tuple[sa.Column, ...]:
    return (
        sa.Column('vendor', sa.String(length=16), nullable=False),
        sa.Column('account', sa.String(length=63), nullable=False),
        sa.Column('ticket_id', sa.String(length=64), nullable=False),
    )


def upgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rank', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('status', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('version', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('assignee', sa.String(length=128), server_default='', nullable=False))
        batch_op.add_column(sa.Column('organization', sa.String(length=128), server_default='', nullable=False))
        batch_op.create_index('ix_ticket_assignee', ['vendor', 'account', 'assignee'], unique=False)

    with op.batch_alter_table('effect', schema=None) as batch_op:
        batch_op.add_column(sa.Column('run', sa.String(length=48), server_default='', nullable=False))
        batch_op.add_column(sa.Column('before', sa.JSON(), nullable=True))
        batch_op.create_index('ix_effect_changed', ['changed_at'], unique=False)
        batch_op.create_index('ix_effect_run', ['run'], unique=False)

    op.create_table('link',
    _serial(),
    *_ticket(),
    sa.Column('to_vendor', sa.String(length=16), nullable=False),
    sa.Column('to_account', sa.String(length=63), nullable=False),
    sa.Column('to_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('shown', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link')),
    sa.UniqueConstraint('vendor', 'account', 'ticket_id', 'to_vendor', 'to_account', 'to_id', name='uq_link_ends')
    )
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.create_index('ix_link_to', ['to_vendor', 'to_account', 'to_id'], unique=False)

    op.create_table('correction',
    _serial(),
    *_ticket(),
    sa.Column('comment_id', sa.String(length=64), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('author', sa.String(length=128), nullable=False),
    sa.Column('command', sa.String(length=16), nullable=False),
    sa.Column('value', sa.String(length=64), nullable=False),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    sa.UniqueConstraint('vendor', 'account', 'ticket_id', 'comment_id', 'line', name='uq_correction_command')
    )

    op.create_table('job',
    _serial(),
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('job_id', sa.String(length=64), nullable=False),
    sa.Column('run', sa.String(length=48), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('failed', sa.JSON(), nullable=False),
    sa.Column('started_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('changed_at', app.store.schema.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('vendor', 'account', 'job_id', name='uq_job_id')
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_state', ['state'], unique=False)


def downgrade() -> None:
    for table in ('job', 'correction', 'link'):
        op.drop_table(table)
    with op.batch_alter_table('effect', schema=None) as batch_op:
        batch_op.drop_index('ix_effect_run')
        batch_op.drop_index('ix_effect_changed')
        batch_op.drop_column('before')
        batch_op.drop_column('run')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_assignee')
        for column in ('organization', 'assignee', 'version', 'status', 'rank'):
            batch_op.drop_column(column)
