"""the registry of known issues

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

from app.store.schema import Utc

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('known_issue',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenant', sa.String(length=63), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('tag', sa.String(length=128), nullable=True),
    sa.Column('number', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('first_at', Utc(), nullable=False),
    sa.Column('changed_at', Utc(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_issue')),
    sa.UniqueConstraint('tenant', 'key', name='uq_known_issue_key'),
    sa.UniqueConstraint('tenant', 'tag', name='uq_known_issue_tag')
    )
    with op.batch_alter_table('known_issue', schema=None) as batch_op:
        batch_op.create_index('ix_known_issue_number', ['tenant', 'number'], unique=False)
    op.create_table('known_issue_match',
    sa.Column('entry', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('how', sa.String(length=8), nullable=False),
    sa.Column('customer', sa.String(length=128), nullable=False),
    sa.Column('broken', sa.String(length=12), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('entry', 'vendor', 'account', 'ticket_id', name=op.f('pk_known_issue_match'))
    )
    with op.batch_alter_table('known_issue_match', schema=None) as batch_op:
        batch_op.create_index('ix_known_issue_match_ticket', ['ticket_id', 'account', 'vendor'], unique=False)


def downgrade() -> None:
    op.drop_table('known_issue_match')
    op.drop_table('known_issue')
