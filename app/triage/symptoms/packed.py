"""A symptom as bytes for the index: five bytes a term."""

from __future__ import annotations

import struct

from app.triage.symptoms.symptom import Symptom

_VERSION = 1
_HEAD = struct.Struct(">BHHH")


def pack(symptom: Symptom) -> bytes:
    """A symptom as bytes: five a term, eight and the kind's name a fingerprint, the vector as it is."""
    count = len(symptom.terms)
    names = f"{' '.join(symptom.fingerprints)}\n{' '.join(symptom.surfaces)}".encode()
    return b"".join(
        (
            _HEAD.pack(_VERSION, count, len(names), len(symptom.vector)),
            struct.pack(f">{count}I{count}B", *symptom.terms, *symptom.terms.values()),
            names,
            symptom.vector,
        )
    )


def unpack(packed: bytes) -> Symptom:
    """The symptom that was packed. Raises ValueError where the bytes are none, or another version's."""
    try:
        version, count, named, dimensions = _HEAD.unpack_from(packed)
        if version != _VERSION or len(packed) != _HEAD.size + 5 * count + named + dimensions:
            raise ValueError("these bytes are no symptom of this version: rebuild the index with `triage reindex`")
        values = struct.unpack_from(f">{count}I{count}B", packed, _HEAD.size)
    except struct.error:
        raise ValueError("these bytes are no symptom: rebuild the index with `triage reindex`") from None
    at = _HEAD.size + 5 * count
    fingerprints, _, surfaces = packed[at : at + named].decode().partition("\n")
    return Symptom(
        dict(zip(values[:count], values[count:], strict=True)),
        tuple(fingerprints.split()),
        tuple(surfaces.split()),
        packed[at + named :],
    )
