"""how often the paragraphs of an account's tickets were seen

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paragraph',
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('hash', sa.String(length=32), nullable=False),
    sa.Column('tickets', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('requesters', sa.String(length=64), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('vendor', 'account', 'hash', name=op.f('pk_paragraph'))
    )
    with op.batch_alter_table('paragraph', schema=None) as batch_op:
        batch_op.create_index('ix_paragraph_last_on', ['last_on'], unique=False)


def downgrade() -> None:
    op.drop_table('paragraph')
