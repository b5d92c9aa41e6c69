"""An entry of the index as a row of its table, and back."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, cast

import orjson

from app.store.symptom_tables import symptoms
from app.triage.decision import Label
from app.triage.duplicates.entry import Entry, Parent, Via
from app.triage.symptoms.packed import pack, unpack
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Ref, VendorName

_NO_ENTRY_S = ("n", "posted", "digest")
ENTRY = [column for column in symptoms.c if column.name not in (*_NO_ENTRY_S, "surfaces")]
"""The columns of which ``entry_of`` makes an entry."""

REPORT = [column for column in symptoms.c if column.name not in (*_NO_ENTRY_S, "symptom")]
"""The columns of which ``report_of`` makes one."""

_ENDS = [f"{end}_{part}" for end in ("parent", "master") for part in ("vendor", "account", "id")]
PLACE = [symptoms.c[name] for name in (*_ENDS, "chance", "via")]
"""The columns that tell an entry's place."""

_FLAGS = ("vague", "severe")
_LABELS = {label.value: label for label in Label}
_NO_DETAIL = "{}"
_CUT = {name: symptoms.c[name].type.length for name in ("requester", "organization", "area", "type")}  # type: ignore[attr-defined]


def cut(column: str, text: str) -> str:
    """A text as far as its column holds it; PostgreSQL refuses a longer one."""
    return text[: _CUT[column]]


def row_of(entry: Entry) -> dict[str, Any]:
    """The columns of an entry, but for its number and its postings. ``digest`` tells whether any of them changed, its
    place aside."""
    values: dict[str, Any] = {
        "vendor": entry.ref.vendor,
        "account": entry.ref.account,
        "ticket_id": entry.ref.id,
        "space": entry.space,
        "created_at": entry.created_at,
        "over_at": entry.over_at,
        "label": entry.label.value,
        "acute": entry.acute,
        **{name: cut(name, getattr(entry, name)) for name in _CUT},
        "subject": entry.subject,
        "symptom": pack(entry.symptom),
        "surfaces": " ".join(entry.symptom.surfaces),
        "detail": _detail(entry),
    }
    digest = blake2b(repr(values).encode(), digest_size=16).digest()
    return values | {"digest": digest} | place_of(entry.ref, entry.parent, entry.master)


def place_of(ref: Ref, parent: Parent | None, master: Ref | None) -> dict[str, Any]:
    """The columns that tell an entry's place: on which ticket it hangs, and its master."""
    top = master or ref
    return {
        "parent_vendor": parent.ref.vendor if parent else None,
        "parent_account": parent.ref.account if parent else None,
        "parent_id": parent.ref.id if parent else None,
        "chance": parent.chance if parent else None,
        "via": parent.via if parent else None,
        "master_vendor": top.vendor,
        "master_account": top.account,
        "master_id": top.id,
    }


def entry_of(row: Any) -> Entry:
    """The entry that a row holds. A symptom that another version wrote is like no other until its ticket is looked at
    again."""
    return _entry_of(row, symptom_of(row.symptom) or Symptom())


def report_of(row: Any) -> Entry:
    """The entry that a row holds, of whose symptom only the surfaces are read."""
    return _entry_of(row, Symptom(surfaces=tuple(row.surfaces.split())))


def _entry_of(row: Any, symptom: Symptom) -> Entry:
    """An entry from a row's columns in their order, because a storm has hundreds."""
    (
        vendor, account, ticket_id, space, created_at, over_at, label, acute, requester, organization, area, subject,
        kind, _symptom, detail, parent_vendor, parent_account, parent_id, chance, via, master_vendor, master_account,
        master_id,
    ) = row  # fmt: skip
    more = orjson.loads(detail) if detail != _NO_DETAIL else {}
    said = more.get("said")
    return Entry(
        ref=Ref(vendor, account, ticket_id),
        space=space,
        created_at=created_at,
        symptom=symptom,
        label=_LABELS[label],
        acute=acute,
        **{name: more.get(name, False) for name in _FLAGS},
        requester=requester,
        organization=organization,
        area=area,
        subject=subject,
        type=kind,
        over_at=over_at,
        told=tuple(map(tuple, more.get("told", ()))),
        facts=frozenset(more.get("facts", ())),
        said=Parent(Ref.parse(said[0]), said[1], said[2]) if said else None,
        apart=frozenset(map(Ref.parse, more.get("apart", ()))),
        parent=Parent(Ref(parent_vendor, parent_account, parent_id), chance, via) if parent_id is not None else None,
        master=Ref(master_vendor, master_account, master_id),
    )


def parent_of(row: Any) -> Parent | None:
    """On which ticket a row's hangs."""
    if row.parent_id is None:
        return None
    ref = Ref(cast(VendorName, row.parent_vendor), row.parent_account, row.parent_id)
    return Parent(ref, row.chance, cast(Via, row.via))


def master_of(row: Any) -> Ref:
    """The master of a row's ticket."""
    return Ref(cast(VendorName, row.master_vendor), row.master_account, row.master_id)


def symptom_of(packed: bytes) -> Symptom | None:
    """The symptom that a row holds; None where another version wrote it."""
    try:
        return unpack(bytes(packed))
    except ValueError:
        return None


def packed_terms(terms: Iterable[int]) -> bytes:
    """Hashes of terms as four bytes each."""
    return array("I", terms).tobytes()


def terms_of(packed: bytes | None) -> list[int]:
    """The hashes that were packed."""
    return array("I", bytes(packed or b"")).tolist()


def _detail(entry: Entry) -> str:
    detail: dict[str, Any] = {}
    if entry.told:
        detail["told"] = entry.told
    detail |= {name: True for name in _FLAGS if getattr(entry, name)}
    if entry.facts:
        detail["facts"] = sorted(entry.facts)
    if entry.said:
        detail["said"] = (str(entry.said.ref), entry.said.chance, entry.said.via)
    if entry.apart:
        detail["apart"] = sorted(map(str, entry.apart))
    return orjson.dumps(detail).decode()
