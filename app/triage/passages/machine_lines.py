"""How the lines begin that machines write. RE2 expressions of folded text; each is tried where a line begins."""

from __future__ import annotations

_LEVEL = r"(?:error|warn(?:ing)?|info|debug|fatal|trace|critical|notice|severe)"
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_SOURCE = r"[\w./\\-]+\.(?:rb|py|php|go|rs|java|kt|jsx?|tsx?|exs?|cc?|cpp|cs|m|swift|scala|pl|erl|vue)"

TRACES = (
    # Java, .NET, JavaScript
    r"at (?:async |new )?[\w$.<>/\[\]\x60@+-]+ ?(?:\([^\n]*\))?(?: in [^\n]*:line \d+| \[[^\n]*\])?[ \t\r]*$",
    r"at (?:async )?(?:[\w$.<>]+ )?\(?(?:https?|file|webpack|node|app|native)[:/]|node:internal/",
    r"at /[^\s]+:\d+",
    r"at [\w$.<>\x60\[\], ]+\([^\n]*\)(?: in [^\n]*)?[ \t\r]*$",
    r"[\w$.<>/*]*@(?:https?|file|resource|chrome|moz-extension)://?[^\n]*:\d+",
    r"(?:caused by|suppressed|wrapped by|exception in thread|nested exception is)\b",
    r"\.\.\. \d+ (?:more|common frames omitted)",
    r"--- ?end of (?:inner exception )?stack trace",
    # Python
    r"traceback \(most recent|during handling of the above exception|the above exception was the direct cause",
    r'file "[^"\n]+", line \d+',
    # any of them: the error itself
    r"[\w.$\\]*[\w$](?:error|exception|warning): ",
    r"(?:uncaught|unhandled) (?:\(in promise\) )?(?:[\w.$\\]*(?:error|exception)|promise rejection)\b",
    r"unhandled exception[:.]",
    # PHP
    r"php (?:fatal error|parse error|warning|notice|deprecated): |fatal error: [^\n]* in [/a-z]",
    r"(?:warning|notice|deprecated): [^\n]* on line \d+|thrown in [^\n]* on line \d+",
    r"stack ?trace:[ \t\r]*$",
    r"#\d{1,3}[ \t]+(?:0x|/|\{main\}|[a-z]:\\|[\w\\$:.~<>]+(?:\(|->|::|@| \(| at )|\[internal)",
    # Ruby, Go, Rust, C
    rf"(?:from )?{_SOURCE}:\d+(?::\d+)?(?:[:,)]| |\r?$)",
    r"[/~][^\s:]+\.\w{1,4}:\d+(?: \+0x[0-9a-f]+)?[ \t\r]*$",
    r"panic: |goroutine \d+ \[|created by [\w./]+[\w.()*]+(?: in goroutine \d+)?[ \t\r]*$",
    r"(?:main|runtime|net/http|sync|os|syscall)\.[\w.()*]+\([^\n]*\)[ \t\r]*$",
    r"[\w./-]+/[\w.-]+\.\(?\*?[\w.]+\)?[\w.]*\((?:0x|\.\.\.)[^\n]*\)[ \t\r]*$",
    r"thread '[^'\n]*' panicked at |note: run with .?rust_backtrace|index out of bounds: |error\[e\d+\]: ",
    r"\d{1,3}: (?:0x[0-9a-f]+ - )?[\w<][\w<>{}]*::[\w:<>{}]+",
    r"segmentation fault|fatal signal \d|core dumped",
)

LOGS = (
    r"[\[(]?\d{4}[-/.]\d\d[-/.]\d\d[t ,]{1,2}\d\d:\d\d",
    r"[\[(]?\d\d[-/.]\d\d[-/.]\d{4}[t ,]{1,2}\d\d:\d\d:\d\d",
    r"\[?\d\d:\d\d:\d\d(?:[.,\]\s]|$)",
    rf"{_MONTH} +\d{{1,2}} \d\d:\d\d:\d\d |\[?{_DAY} {_MONTH} +\d{{1,2}} \d\d:\d\d",
    r"\d{1,3}(?:\.\d{1,3}){3} - [^\n]* \[",
    r"\d\d-\d\d \d\d:\d\d:\d\d\.\d+",
    r"[iwef]\d{4} \d\d:\d\d:\d\d",
    r"[vdiwef]/[\w.$ -]+(?:\( *\d+\))?:",
    rf"\[[^\]\n]{{0,40}}\b{_LEVEL}\b[^\]\n]{{0,20}}\]",
    rf"{_LEVEL}[ :]+\[?[\w.]*\]? ?\d{{4}}-",
    rf"{_LEVEL}(?: +- | *[|\[({{])",
    rf"{_LEVEL}:[\w.]+:",
    r"(?:ts|time|level|lvl|msg)=[^\n]* (?:level|lvl|msg|ts|time|caller)=",
    r"npm (?:err!|warn|error) |yarn error |error in \./|make(?:\[\d+\])?: \*\*\*|fatal: |> task :",
    r"\[ *\d+\.\d{3,6}\] ",
)

PROMPTS = (
    r"[$%] (?:\./|(?:sudo|npm|npx|yarn|pip3?|git|curl|wget|docker|kubectl|helm|python\d?|php|java|mvn|cd|ls|cat|node"
    r"|ruby|go|cargo|make|apt|brew|dotnet|ping|ssh|psql|mysql|composer|tail|grep|systemctl|journalctl)\b)",
    r"> (?:sudo|npm|pip|git|curl|docker|kubectl|python\d?|php|java|mvn|cd|ls)\b",
    r"[\w.-]+@[\w.-]+[: ][^\n$#]{0,60}[$#] ",
    r"ps [a-z]:\\|[a-z]:\\[^\n>]{0,80}>",
    r">>> |irb\(main\)|(?:mysql|postgres|sqlite)[=#-]*> ",
)

WIRE = (  # HTTP, JSON, XML, SQL
    r"(?:get|post|put|delete|patch|head|options) /\S*(?:[ \t\r]*$| (?:http/|\d{3}\b|[-=]?> ?\d{3}\b|\())",
    r"(?:get|post|put|delete|patch|head|options) https?://[^\n]* \d{3}\b",
    r"http/[\d.]+ \d{3}\b|[<>*] (?:http/|get /|post /|connected to |tls)",
    r"curl -|-[hdx] [\"']",
    r"(?:user-agent|content-type|content-length|authorization|set-cookie|cache-control|x-[\w-]+|accept-[\w-]+"
    r"|access-control-[\w-]+|etag|referer|strict-transport-security): ",
    r'"[^"\n]{1,80}" ?: ?(?:["\[{\d-]|true|false|null)',
    r"""\{"[^\n]*\}?,?[ \t\r]*$|\{'[\w ]+': |\[\{""",
    r"<\?(?:xml|php)|<!doctype|</?[\w-]+:[\w.-]+(?:[ >/]|$)|<!\[cdata\[",
    r'select (?:\*|count\(|distinct |[\w."\x60]+(?:, ?[\w."\x60]+)*) from [\w."\x60]+ ?'
    r"(?:;|where\b|join\b|inner\b|left\b|order by|group by|limit\b)",
    r'insert into [\w."\x60]+ ?(?:\(|values|select)|update [\w."\x60]+ set [\w."\x60]+ ?=',
    r'delete from [\w."\x60]+ where ',
    r"(?:create|alter|drop) (?:table|index|database|view) [\w.\x60\"]+ ?(?:\(|add|if|;|drop)",
)

CODE = (
    r"""(?:import|export) [^\n]* from ["']|import ["']|from [\w.]+ import |import [\w.*]+;""",
    r"""using [\w.]+;|package [\w.]+;|#include ?[<"]|#!/|-----(?:begin|end) [a-z0-9 ]+-----""",
    r"(?:public|private|protected|static|final|abstract|async|export|override) [^\n]*[({;=][ \t\r]*$",
    r"(?:def|func|fn|sub|function) [\w.]* ?\([^\n]*\)[^\n]{0,60}[:{][ \t\r]*$|class \w+[^\n]{0,80}[:{][ \t\r]*$",
    r"(?:const|let|var|val) [\w{}\[\], :<>]+ ?= ?[^\s]",
    r"(?:if|for|while|switch|catch|foreach|else if|elif) ?\([^\n]*\) ?\{[ \t\r]*$",
    r"\}? ?(?:else|try|finally|do) ?\{[ \t\r]*$",
    r"[\w.$]+(?:\.|->|::)[\w$]+\([^\n]*\)[;,{][ \t\r]*$|@\w+\([^\n]*\)[ \t\r]*$|return [^\n]*;[ \t\r]*$",
    r"""[$@]?(?:self\.|this\.|this->)?[\w.\[\]"'$>-]+ ?(?:=|:=|\+=) [^\n]*;[ \t\r]*$""",
    r"[{}()\];,]+[ \t\r]*$|\}\)?[;,]?[ \t\r]*$|</?script\b",
    r"[a-z_$*&][^\n]* =[^\n]*;[ \t\r]*$|[a-z_$][^\n]*\w\([^\n]*\);[ \t\r]*$|// \S",
)

SYSTEM_KEYS = (
    "api level; api version; app; app version; arch; architecture; besturingssysteem; betriebssystem; browser; "
    "browser version; build; build id; build number; bundle id; chrome; chromium; client version; commit; cpu; "
    "database; database version; device; device model; disk; display; docker version; driver; driver version; "
    "electron; firmware; firmware version; framework; gerat; git; git version; gpu; graphics; graphics card; "
    "host; hostname; ip; ip address; java; java version; java.version; jvm; kernel; language; locale; "
    "manufacturer; matomo version; memory; model; modell; mysql; mysql version; navegador; navigateur; node; node "
    "version; npm; opengl; operating system; operativsystem; os; os name; os version; package; php; php version; "
    "pid; platform; plugin version; process; processor; python; python version; rails; ram; renderer; resolution; "
    "ruby; runtime; screen resolution; screen size; sdk; sdk version; server; server version; sistema "
    "operacional; sistema operativo; systeme d'exploitation; time zone; timezone; uptime; user agent; useragent; "
    "v8; vendor; versao; version; versione; web server; wordpress version"
)
