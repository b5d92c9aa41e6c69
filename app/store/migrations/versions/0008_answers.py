"""answers that people gave, as hashes by which those that are alike meet

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

import app.store.schema

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('answer',
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('band', sa.String(length=16), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('comment_id', sa.String(length=64), nullable=False),
    sa.Column('until', app.store.schema.Utc(timezone=True), nullable=False),
    sa.Column('cited', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('vendor', 'account', 'band', 'ticket_id', 'comment_id', name=op.f('pk_answer'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index('ix_answer_ticket', ['ticket_id', 'account', 'vendor', 'comment_id'], unique=False)
        batch_op.create_index('ix_answer_until', ['until'], unique=False)


def downgrade() -> None:
    op.drop_table('answer')
