"""coverage: which open tickets were looked at, and under which policy

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_INDEXES = {
    'ix_ticket_due': ['parked_at', 'due_at'],
    'ix_ticket_account_due': ['vendor', 'account', 'due_at'],
    'ix_ticket_open': ['vendor', 'account', 'status', 'due_at', 'parked_at', 'looked_at'],
    'ix_ticket_policy': ['vendor', 'account', 'policy_digest', 'rank'],
}


def upgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('policy_digest', sa.String(length=64), server_default='', nullable=False))
    op.execute(
        "UPDATE ticket SET policy_digest = coalesce("
        "(SELECT decision.policy_digest FROM decision WHERE decision.id = ticket.decision_id), '') "
        "WHERE decision_id IS NOT NULL AND status NOT IN ('solved', 'closed')"
    )
    op.drop_index('ix_ticket_due', table_name='ticket')
    op.drop_index('ix_ticket_parked', table_name='ticket')
    for name, columns in _INDEXES.items():
        op.create_index(name, 'ticket', columns, unique=False)
    op.create_index('ix_effect_state', 'effect', ['state', 'reason'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_effect_state', table_name='effect')
    for name in _INDEXES:
        op.drop_index(name, table_name='ticket')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_column('policy_digest')
        batch_op.create_index('ix_ticket_due', ['due_at'], unique=False)
        batch_op.create_index('ix_ticket_parked', ['parked_at'], unique=False)
