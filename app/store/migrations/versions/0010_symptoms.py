"""what tickets report, by which those that report the same are found

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

from app.store.schema import Utc

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('space',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('tickets', sa.Integer(), server_default='0', nullable=False),
    sa.Column('taken_at', Utc(), nullable=True),
    sa.Column('frequencies', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_space')),
    sa.UniqueConstraint('name', name=op.f('uq_space_name'))
    )
    op.create_table('symptom',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('vendor', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=63), nullable=False),
    sa.Column('ticket_id', sa.String(length=64), nullable=False),
    sa.Column('space', sa.String(length=80), nullable=False),
    sa.Column('created_at', Utc(), nullable=False),
    sa.Column('over_at', Utc(), nullable=True),
    sa.Column('label', sa.String(length=16), nullable=False),
    sa.Column('acute', sa.Boolean(), nullable=False),
    sa.Column('requester', sa.String(length=128), nullable=False),
    sa.Column('organization', sa.String(length=128), nullable=False),
    sa.Column('area', sa.String(length=255), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('symptom', sa.LargeBinary(), nullable=False),
    sa.Column('surfaces', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('parent_vendor', sa.String(length=16), nullable=True),
    sa.Column('parent_account', sa.String(length=63), nullable=True),
    sa.Column('parent_id', sa.String(length=64), nullable=True),
    sa.Column('chance', sa.Float(), nullable=True),
    sa.Column('via', sa.String(length=16), nullable=True),
    sa.Column('master_vendor', sa.String(length=16), nullable=False),
    sa.Column('master_account', sa.String(length=63), nullable=False),
    sa.Column('master_id', sa.String(length=64), nullable=False),
    sa.Column('posted', sa.LargeBinary(), nullable=True),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_symptom')),
    sa.UniqueConstraint('vendor', 'account', 'ticket_id', name='uq_symptom_ticket')
    )
    with op.batch_alter_table('symptom', schema=None) as batch_op:
        batch_op.create_index(
            'ix_symptom_master', ['master_id', 'master_account', 'master_vendor'], unique=False
        )
        batch_op.create_index(
            'ix_symptom_requester', ['requester', 'account', 'vendor', 'created_at'], unique=False
        )
        batch_op.create_index(
            'ix_symptom_organization', ['organization', 'account', 'vendor', 'created_at'], unique=False
        )
        batch_op.create_index('ix_symptom_area', ['space', 'area', 'created_at'], unique=False)
        batch_op.create_index('ix_symptom_created_at', ['space', 'created_at'], unique=False)
        batch_op.create_index('ix_symptom_over_at', ['over_at'], unique=False)
    op.create_table('posting',
    sa.Column('space', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('term', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('n', sa.Integer(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('space', 'term', 'n', name=op.f('pk_posting')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('posting')
    op.drop_table('symptom')
    op.drop_table('space')
