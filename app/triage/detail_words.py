"""The words by which English-speaking customers tell details: browsers, roles, numbers of people, harm, wishes.

Expressions for folded text. None has nested repeats and every repeat is bounded, so that no text makes them slow; a
space in them is any white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.triage.steps import heading, words

_BROWSERS = (
    *("(?:google )?chrome", "chromium", "(?:mozilla )?firefox", "safari", "(?:microsoft |ms )?edge(?! case| of| node)"),
    *("opera", "vivaldi", "internet explorer", "samsung internet"),
)
_SYSTEMS = (
    *("windows", "mac ?os(?: x)?", "os x", "ubuntu", "debian", "linux", "android", "ios", "ipados", "chrome ?os"),
    *("iphone", "ipad", "macbook"),
)
_APPS = "(?:ios|android|mobile|desktop|iphone|ipad|windows|mac|outlook|your|the)"
_STRONG_PLACES = ("staging", "sandbox", "pre-?prod(?:uction)?", "uat", "on-?prem(?:ises?)?", "self-?hosted")
_PLACES = (*_STRONG_PLACES, "production", "prod", "test", "testing", "dev", "development", "demo", "live", "qa")
_ROLES = (
    *("admin(?:istrator)?", "owner", "manager", "editor", "viewer", "agent", "guest", "member", "contributor"),
    *("moderator", "operator", "supervisor", "approver", "auditor", "analyst", "developer", "super ?user"),
    *("(?:read-?only|end|standard|power|normal|regular|limited) ?user",),
)
_PEOPLE = (
    *("users?", "customers?", "clients?", "people", "persons?", "employees", "staff", "colleagues?", "agents?"),
    *("members?", "stores?", "shops?", "sites?", "locations?", "branches", "offices?", "tenants?", "teams?"),
    *("students?", "teachers?", "patients?", "clinics?", "hospitals?", "warehouses?", "plants?", "merchants?"),
    *("workspaces?", "subscribers?", "departments?", "companies", "schools?", "drivers?", "accounts"),
)
_STATES = (
    *(
        "down",
        "offline",
        "slow",
        "blank",
        "empty",
        "broken",
        "stuck",
        "frozen",
        "blocked",
        "unavailable",
        "unreachable",
    ),
    *("missing", "gone", "lost", "wrong", "incorrect", "corrupt(?:ed)?", "locked", "duplicated", "failing", "crashing"),
    *("timing out", "hanging", "garbled", "inaccessible", "unusable"),
)
_BREAKS = (
    *("fail(?:s|ed)?", "crash(?:es|ed)?", "breaks", "hangs?", "freezes?", "froze", "stopped", "stops", "times? out"),
    *("timed out", "disappear(?:s|ed)?", "loses", "ignores?", "forgets?"),
    r"(?:(?:can|could|do|does|did|will|is|are) not|cannot|(?:ca|could|do|does|did|wo|is|are)n't|never|no longer)"
    r" (?!matter|mind|know|have|want|need|think|understand|sure|urgent|only|just|expect|the\b)\w{3,20}",
)
_FAULTS = (
    r"(?:charged|billed|debited|invoiced) (?:\S{1,20} ){0,3}(?:twice|double|again|wrong|too much)",
    "failures?",
    "errors?",
    "faults?",
    "timeouts?",
    "problems?",
    "issues?",
    "trouble",
    "bug",
    "unable",
    *_STATES,
)
_REQUESTS = (
    *("how (?:do|can|to|does)", "please", "(?:could|can|would) you", "would like", "would love", "would be", "need"),
    *("want", "wonder(?:ing)?", "question", "is it possible", "is there", "request", "help", "looking for"),
)
_HARM = (
    "(?:cannot|can't|can not|could not|couldn't|unable to|not able to|not) (?:ship|bill|invoice|sell|pay|work|process"
    "|serve|trade|operate|deliver|take|dispatch|onboard|close|collect|see patients|help|answer|do our|run payroll)",
    "(?:losing|lose|lost|loses) (?:money|sales|orders?|revenue|customers?|business|bookings|patients|a day|hours)",
    *(
        "stand ?still",
        "(?:stands?|standing|stood) still",
        "(?:business|production|warehouse|work|team|company) (?:has |is )?stop(?:s|ped)",
    ),
    "(?:everything|business|work|production|billing|shipping|sales) (?:is|are) (?:blocked|halted|at a standstill)",
    *("costs? us", "costing us", "loss of", "(?:hurts?|harm\\w*|affect\\w*|impact\\w*) (?:our|the) \\w+"),
    *("business impact", "deadline", "go-?live", "penalt(?:y|ies)", "reputation"),
    *(
        r"(?:customers|guests|users|clients|patients) (?:\w{2,12} )?complain(?:ed|ing)?",
        "idle",
        "by hand",
        "pil(?:e|es|ing) up",
        "overtime",
        "sent home",
    ),
)
_NUMBER = r"(?:\d{1,3}(?:[,.' ]\d{3}){1,4}|\d{1,9}k?)"
_QUANTITY = (
    rf"(?:{_NUMBER}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|dozens|hundreds|thousands|several"
    "|many|some|multiple|most|all|both|half|a (?:few|couple|dozen|handful|single|hundred|thousand)|every|each)"
)


def _any(expressions: Iterable[str]) -> str:
    return f"(?:{'|'.join(expressions)})"


_RELEASE = r"\d{1,4}(?:[._]\d{1,6}){0,4}"
_VERSION = rf"(?: \((?:version |v)?{_RELEASE}\)|[ /:]{{1,2}}(?:version |v\.? ?)?{_RELEASE}\b)"
CLIENT = words(
    r"\bmozilla/5\.0 [^\n]{10,250}"
    rf"|\b{_any(_BROWSERS)}\b(?: browser)?{_VERSION}?"
    rf"(?:(?: on| under|,| /| \() ?(?:an? |my )?{_any(_SYSTEMS)}\b{_VERSION}?)?"
    rf"|\b{_APPS} (?:app|client)\b,?(?: is)?{_VERSION}|\b(?:ios|android|mobile|desktop) (?:app|client)\b"
    rf"|\b(?:app|client) version:? {_RELEASE}\b"
    rf"|\b{_any(_SYSTEMS)}{_VERSION}|(?<=on )(?:my |an? )?{_any(_SYSTEMS)}\b"
)
PLACE = words(
    rf"\b(?:{_any(_PLACES)}[ -](?:environment|system|instance|server|account|site|tenant|cluster|api|workspace|org)\b"
    rf"|{_any(_STRONG_PLACES)}\b|(?:(?<=in )|(?<=on )|(?<=our )|(?<=from )|(?<=to ))prod(?:uction)?\b"
    r"(?! (?:line|of|plan|order|hall|staff|manager)))"
)
ROLE = words(
    rf"\b(?:as|i am|i'm|we are|my (?:user )?role is|role of|signed in as|logged in as) (?:an?|the|our)?"
    rf" ?((?:\w{{2,15}} )?{_any(_ROLES)}s?)\b(?! of(?! (?:the|our|this|my) (?:account|workspace|organi[sz]ation|team)))"
    rf"|\bwith ((?:\w{{2,15}} )?{_any(_ROLES)} (?:rights|role|permissions?|access))\b"
    rf"|\b({_any(('read-?only', 'standard', 'limited', 'light', 'admin', 'end'))} (?:users?|agents?|role|accounts?))\b"
)
AFFECTED = words(
    rf"\b(?:(?:about|around|approximately|roughly|over|more than|at least|nearly|almost|some|only|just|not) )?"
    rf"{_QUANTITY}(?: out)?(?: of)?(?: (?:our|the|my|all|these|us))?(?: {_NUMBER})?"
    rf"(?: (?!of|for|in|to|and|or|is|are|your)\w[\w-]{{1,20}})?"
    rf" {_any(_PEOPLE)}\b"
    rf"|\b\d{{1,3}}(?:[.,]\d)? ?(?:%|percent) of (?:our |the |all )?(?:\w{{2,20}} )?{_any(_PEOPLE)}\b"
    r"|\b(?:everyone|everybody|nobody|no one) (?:in|at|on|from|here)\b(?: (?:our|the|my) \w{2,20})?"
    r"|\b(?:the|our) (?:whole|entire) (?:team|company|office|department|organi[sz]ation|staff|business|school)\b"
    r"|\b(?:only|just) (?:me|i|for me|one of us)\b|\b(?:everyone|everybody)\b"
)
NOT_AFFECTED = words(
    r"\b(?:add|adding|invit(?:e|ing)|buy|buying|import(?:ing)?|creat(?:e|ing)|delet(?:e|ing)|remov(?:e|ing)|up to|per"
    r"|licen[cs]es? for|plan for|another|onboard(?:ing)?) (?:\w{1,15} )?$"
)
_CURRENCY = r"(?:usd|eur|gbp|chf|euros?|dollars?|pounds?)"
_SUM = r"\d{1,3}(?:[,.' ]\d{3}){1,4}(?:[.,]\d{2})?|\d{1,9}(?:[.,]\d{1,2})?"
MONEY = words(
    rf"(?:(?:[$€£¥]|\b(?:usd|eur|gbp|chf)) ?(?:{_SUM})(?: ?(?:k|m|bn|thousand|million)\b)?"
    rf"|\b(?:{_SUM})(?: ?(?:k|m|bn|thousand|million))? ?(?:[€£]|{_CURRENCY}\b))"
    r"(?: ?(?:an?|per|each|every|/) ?(?:minute|hour|day|week|month|year|order)\b)?"
)
SCREENSHOT = words(
    r"\bscreen ?(?:shots?|recordings?|casts?|grabs?)\b|\bscreencap\w{0,5}"
    r"|![\w.-]{1,80}\.(?:png|jpe?g|gif|mp4)(?:\|\w{1,20})?!"
    r"|\b(?:see|please find|find|in the|as|i have|i've|i|we|is|are) (?:the )?(?:attach(?:ed|ment|ments)?|enclosed)\b"
    r"(?: (?:an? |the )?(?:screen ?\w{3,12}|recording|video|picture|image)\b)?"
    r"|\battached (?:is|are|you|a|an|the|please)\b"
)
NO_SCREENSHOT = words(r"\b(?:no|without|cannot (?:make|take|attach)|can't (?:make|take|attach)) (?:a |any )?$")
FAULT, IMPACT = (words(rf"\b{_any(group)}\b") for group in (_FAULTS, _HARM))
REQUEST = words(rf"\b{_any(_REQUESTS)}\b|\?$")
BROKEN = words(
    rf"\b(?:(?:is|are|was|were|been|stays?|remains?|comes? up) (?:\w{{2,12}} ){{0,2}}{_any(_STATES)}|{_any(_BREAKS)})\b"
    r"|(?<!goes)(?<! go)\b (?:down|offline|broken|unavailable|missing)(?: for\b|$)"
)
DENIED = words(
    r"\b(?:is|are|has|have|does|do|did|can|could|will|would|was|were)(?: not|n't)\b|\b(?:cannot|unable to|no longer)\b"
)
TROUBLE = words(rf"\b(?:{_any(_FAULTS)}|affected|impacted|concerned|{_any(_BREAKS)})\b|{DENIED.pattern}")
NOT_SO = words(
    rf"\b(?:what (?:if|happens)|in case|suppose|imagine|hypothetical(?:ly)?|would (?:be|happen)|were to)\b"
    rf"|(?:\bnot|n't|\bnever|\bno longer) (?:\w{{2,12}} )?(?:failing|crashing|affected|{_any(_STATES)})\b"
    r"|\b(?:works?|working|fine|ok|okay) (?:again|now)\b|\b(?:is|was|been|got) (?:fixed|resolved|solved)\b"
)
FINE = words(
    r"\b(?:works?|working|is|are|runs?|running) (?:\w{2,12} )?(?:fine|well|correctly|properly|as expected|ok(?:ay)?)\b"
)
RUDE = words(
    r"\b(?:stupid|crap(?:py)?|shit\w{0,6}|fuck\w{0,6}|damn(?:ed)?|idiot\w{0,4}|useless|ridiculous|garbage|jokes?|pathetic"
    r"|incompetent|bloody|rubbish|terrible|awful)\b"
)
HAS = words(r"\b(?:we|i|company|firm|they) (?:have|has|are|employ|got)(?: (?:about|around|over|nearly|almost))? $")
NO_TROUBLE = words(r"\b(?:no|any|without|bug) (?:\w{1,12} )?(?:trouble|problems?|issues?|errors?|report)\b")
GREETING = words(
    r"(?:(?:hi|hello|hallo|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern)\b"
    r"[^\n,!.:;]{0,40}(?:[,!.:;-]|\n|$)|(?:hi|hello|hey)(?: there| all| team| everyone| support)? "
    r"|(?:i |we )?hope (?:you|this)[^.!\n]{0,60}[.!\n]"
    r"|(?:many )?thanks?(?: you)?[^.!,\n]{0,40}[.!,\n])"
)
PLACE_HEAD, ROLE_HEAD = heading(("environment", "env")), heading(("role", "user role", "my role", "permissions"))
CLAUSE_STARTS = words(r"[,;] |\b(?:but|because) |\b(?:noticed|see|seeing|found|reali[sz]ed|reporting|problem is) that ")
CLAUSE_ENDS = re.compile(
    r"[,;](?=\s|$)|:(?!\d)|\n\s*\n|[()\[\]\"]|\s-+\s|\b(?:and|but|because|since|when|whenever|so|while|which|that|if|after)\b"
)
SENTENCE = re.compile(r"(?![-*•+#]|\d{1,2}[.)])[^\n]{0,100}?\w\w\W{1,9}\w\w")
FIRST_WORDS = words(r"(?:(?:our|my|your|unfortunately,?|currently|now|again|today|please|suddenly|still) ){1,3}")
NO_SUBJECT = re.compile(
    r"\S+$|(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|not|no|none|nothing|nobody|cannot|can't|never"
    r"|unable|when|since|if|after|while|suppose|for|in|on|at|with|to|and|but|or|goes)\b"
)
LOOSE_ENDS = re.compile(r"(?: (?:with|at|on|in|for|to|the|an?|of|from|by|as|about|and|or|is|are|saying))+$")
PRONOUNS = re.compile(
    r"\b(?:i|we|us|me|our|my|mine|you|your|it|its|this|that|these|those|they|them|their|he|she|his|her|there|who|what"
    r"|how|why|where|please|hi|hello|thanks?)\b"
)
PLAIN = re.compile(r"[a-z0-9][a-z0-9 '%/-]*[a-z0-9%]")
WISH = words(
    r"\b(?:(?:i|we)(?:'d| would)(?: really)? (?:like|love)(?: to (?:have|see|get|request|suggest))?"
    r"|(?:please|could you|can you|would you|you to)(?: please)? (?:add|introduce|support|implement|offer|provide)"
    r"|(?:nice|great|helpful|useful|good|handy) (?:to have|to be able to"
    r"|if (?:there was|there were|you (?:had|added|offered)|we had|(?:i|we|you|users|people|one) (?:could|can)))"
    r"|(?:i|we)(?:'d| would) (?:like|love) to be able to"
    r"|(?:are there|any|have) plans (?:for|to (?:add|support|offer|introduce|build))"
    r"|(?:feature|enhancement) (?:request|suggestion|idea):?(?: for)?|suggestion:|idea:"
    r"|(?:i|we) (?:suggest|propose|wish for|miss))"
    r" (?!to )(?=\w)"
)
WISH_END = re.compile(
    r"[.,;:!?()\n\"]|\s-\s|\b(?:so|because|since|that|which|when|where|as|please|and|but|if|like)\b"
    r"|\b(?:with|for|in|on|to|of) (?:our|my|your|us|me)\b"
)
NO_WISH = words(
    r"\bto (?:add|buy|order|book|have)\b"
    r"|\b(?:refund|help|know|hear|cancel|speak|talk|call|reply|answer|someone|discuss|report|update|copy)\b"
)
