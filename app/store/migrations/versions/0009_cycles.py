"""what became of each promise

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

from app.store.schema import Utc

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cycle',
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('clock', sa.String(length=42), nullable=False),
    sa.Column('started_at', Utc(), nullable=False),
    sa.Column('goal_at', Utc(), nullable=True),
    sa.Column('due_at', Utc(), nullable=True),
    sa.Column('stopped_at', Utc(), nullable=True),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('severity', sa.String(length=2), nullable=False),
    sa.Column('level', sa.String(length=2), nullable=False),
    sa.Column('label', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('vendor', 'account', 'ticket_id', 'clock', 'started_at', name=op.f('pk_cycle'))
    )
    with op.batch_alter_table('cycle', schema=None) as batch_op:
        batch_op.create_index('ix_cycle_started_at', ['started_at'], unique=False)
        batch_op.create_index('ix_cycle_stopped_at', ['stopped_at'], unique=False)


def downgrade() -> None:
    op.drop_table('cycle')
