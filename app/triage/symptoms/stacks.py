"""Stack traces as customers paste them: the exception's type and the frames nearest to the fault, without what differs
from run to run (line numbers, addresses, ids, the numbers of lambdas and generated classes).

Java, Kotlin, .NET, JavaScript, Python, Go, Ruby and PHP. All functions take folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LONGEST_LINE = 400
_MOST_STACKS = 4
_FRAMES = 3  # nearest to the fault, by which a stack is known
_MOST_FRAMES = 40  # of one stack that are looked at

_FRAME = re.compile(
    r"at (?:async )?(?:new )?(?P<js>[\w$.<>\[\] ]{1,120}) \((?P<js_file>[^()\s]{1,200}?):\d+(?::\d+)?\)$"
    r"|at (?P<bare>(?:https?|file|webpack|node|/)[^()\s]{1,200}?):\d+:\d+$"
    r"|at (?:[\w.@-]{1,60}/{1,2}){0,2}(?P<java>[\w$.<>/-]{3,200})"
    r"\((?:[\w$.-]{0,100}(?::\d+)?|native method|unknown source)\)(?: ~?\[.*)?$"
    r"|(?:at|bei|a|en) (?P<net>[\w.`+<>$\[\],]{3,200})\([^()]{0,200}\)(?: (?:in|dans|en) .{1,200})?$"
    r"|file \"(?P<py_file>[^\"]{1,200})\", line \d+, in (?P<py>[\w<>.]{1,100})$"
    r"|(?P<gecko>[\w$./<>]{0,100})@(?P<gecko_file>[a-z][\w+-]{1,20}:[^\s]{1,200}?):\d+(?::\d+)?$"
    r"|#\d+ (?P<php_file>[^()\s]{1,200}\.php)\(\d+\): (?P<php>[\w\\:>-]{1,120})"
    r"|(?:from )?(?P<rb_file>[^:\s]{1,200}\.rb):\d+:in [`'](?P<rb>[^'`]{1,100})'"
    r"|(?P<go>[\w./*()-]{3,200}\.[\w*().-]{1,100})\((?:0x[0-9a-f]|\{|\.\.\.|\)).{0,200}$"
)  # fmt: skip
_GO_PLACE = re.compile(r"/\S{1,200}\.go:\d+(?: \+0x[0-9a-f]+)?$|goroutine \d+ \[")
_TYPE = re.compile(
    r"(?:^|[\s(\[\]\"':>])(?P<type>(?:[a-z_][\w$]{0,60}(?:\.|::|\\)){1,10}[a-z_][\w$]{0,80}?(?:exception|error)|[a-z_]\w{2,60}exception"
    r"|(?:(?<=^)|(?<=uncaught )|(?<=\) ))\w{0,60}error(?=: | \())\b(?![\w(/\\]|\.\w)"
)
_RUBY = re.compile(r":in [`'][^'`]{1,100}': .{0,200}\((?P<type>[\w:]{0,80}error)\)$")
_PANIC = re.compile(r"^panic: (?P<type>[^\n]{3,120})")
_VARIES = re.compile(
    r"0x[0-9a-f]+|\$\$lambda[$/\w]*|lambda\$|\$\$(?:enhancerby|fastclassby|springcglib)\w*(?:\$\$\w+)*|`\d+|<[^<>]{0,80}>"
    r"|[-.][0-9a-f]{6,40}(?=\.\w+$)|\?[^/]*$|[$#]?\d+"
)
_NOISE = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|org\.springframework|org\.apache\.(?:catalina|tomcat"
    r"|coyote)|org\.junit|org\.eclipse\.jetty|io\.netty|reactor|system|microsoft|runtime|net/http)\b[./]"
    r"|node_modules|node:|internal/|site-packages|dist-packages|/gems/|vendor/|lib/python|<frozen"
)


@dataclass
class Stack:
    """One stack trace: ``type`` of the exception, without its package; ``frames``, the nearest to the fault first."""

    type: str
    frames: list[str] = field(default_factory=list)

    @property
    def nearest(self) -> tuple[str, ...]:
        """The frames by which the fault is known; none where all are of frameworks, which every program has."""
        return tuple(frame for frame in self.frames if not _NOISE.search(frame))[:_FRAMES]


def stacks(text: str) -> list[Stack]:
    """The stack traces and lone exceptions of a text, at most four; a chain's last cause is one of its own."""
    found: list[Stack] = []
    waiting: list[str] = []  # Python's frames, which stand before their exception
    for line in map(str.strip, text.split("\n")):
        if not line or len(line) > _LONGEST_LINE:
            continue
        if ruby := _RUBY.search(line):
            found.append(Stack(ruby["type"], []))
        if frame := _frame(line):
            where, newest_last = frame
            if newest_last:
                waiting.append(where)
            elif found and len(found[-1].frames) < _MOST_FRAMES:
                found[-1].frames.append(where)
        elif named := _named(line):
            found.append(Stack(named, waiting[: -_MOST_FRAMES - 1 : -1]))
            waiting = []
    return _told(found)


def _told(found: list[Stack]) -> list[Stack]:
    """Those with frames first, the last causes before what they led to."""
    found.reverse()
    found.sort(key=lambda one: not one.frames)
    return found[:_MOST_STACKS]


def _named(line: str) -> str:
    """The type of the exception that a line names, without package and id; empty where it names none."""
    if not (match := _PANIC.match(line) or _TYPE.search(line)):
        return ""
    name = match["type"]
    return _VARIES.sub("", name if match.re is _PANIC else re.split(r"\.|::|\\", name)[-1]).strip()


def _frame(line: str) -> tuple[str, bool] | None:
    """A line's frame, and whether the newest comes last in this language."""
    if _GO_PLACE.match(line) or not (match := _FRAME.match(line)):
        return None
    parts = match.groupdict()
    for name in ("java", "net", "go"):
        if parts[name]:
            return _VARIES.sub("", parts[name]).strip("."), False
    for name in ("py", "js", "gecko", "php", "rb"):
        if parts[f"{name}_file"]:
            return f"{_file(parts[f'{name}_file'])}:{_VARIES.sub('', parts[name] or '')}", name == "py"
    return _file(parts["bare"]), False


def _file(path: str) -> str:
    """A file with its folder, so that the same file is the same on every machine; libraries keep their mark."""
    noise = _NOISE.search(path)
    parts = re.split(r"[/\\]", _VARIES.sub("", path.partition("?")[0]))
    return (noise.group() + " " if noise else "") + "/".join(parts[-2:] if len(parts) > 2 else parts[-1:])
