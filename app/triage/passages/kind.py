"""What a passage of a message is."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a passage is. Only ``SAID`` is read as the writer's words; ``CODE`` is what cues about pasted text read.

    ``NOTICE``: legal notices, banners, footers, and paragraphs that many tickets of an account share.
    ``TABLE``: cells and dumps of ``key: value``. ``MARKUP``: tags, addresses, pictures, lumps, what a form asks.
    """

    SAID = "said"
    QUOTED = "quoted"
    SIGNATURE = "signature"
    NOTICE = "notice"
    CODE = "code"
    TABLE = "table"
    MARKUP = "markup"
