"""Rich text of REST v3 (Atlassian Document Format): paragraphs only, to plain text and back."""

from __future__ import annotations

from typing import Any


def is_document(value: Any) -> bool:
    """Whether this can be a document."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
    )


def text_of(node: dict[str, Any]) -> str:
    """The text of a document or of one of its nodes; blocks part by an empty line."""
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    parts = [text_of(child) for child in node.get("content", ())]
    if kind in ("doc", "bulletList", "orderedList", "blockquote", "panel"):
        return "\n\n".join(filter(None, parts))
    return ("- " if kind == "listItem" else "") + "".join(parts)


def document(text: str) -> dict[str, Any]:
    """Plain text as a document."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    return {"type": "doc", "version": 1, "content": [_paragraph(part) for part in paragraphs]}


def _paragraph(text: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}
