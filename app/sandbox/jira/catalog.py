"""What an administrator set up: projects, statuses and the moves between them, priorities, fields, link types."""

from __future__ import annotations

from dataclasses import dataclass

PRIORITIES = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low", "5": "Lowest"}
DEFAULT_PRIORITY = "Medium"
LINK_TYPES = {
    "10000": ("Blocks", "is blocked by", "blocks"),
    "10001": ("Cloners", "is cloned by", "clones"),
    "10002": ("Duplicate", "is duplicated by", "duplicates"),
    "10003": ("Problem/Incident", "is caused by", "causes"),
    "10004": ("Relates", "relates to", "relates to"),
}
"""Id to name, inward, outward."""

TIERS = {"10101": "Enterprise", "10102": "Pro", "10103": "Free"}
ORGANIZATIONS_FIELD, SEVERITY_FIELD, LABEL_FIELD, TIER_FIELD = (
    "customfield_10002",
    "customfield_10050",
    "customfield_10051",
    "customfield_10052",
)
FIRST_RESPONSE_FIELD, RESOLUTION_FIELD = "customfield_10060", "customfield_10061"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an issue. ``kind`` is the type in its schema; ``custom`` the kind of custom field."""

    id: str
    name: str
    kind: str
    items: str = ""
    custom: str = ""


FIELDS = {
    field.id: field
    for field in (
        Field("summary", "Summary", "string"),
        Field("description", "Description", "string"),
        Field("issuetype", "Issue Type", "issuetype"),
        Field("project", "Project", "project"),
        Field("status", "Status", "status"),
        Field("priority", "Priority", "priority"),
        Field("labels", "Labels", "array", "string"),
        Field("components", "Components", "array", "component"),
        Field("reporter", "Reporter", "user"),
        Field("creator", "Creator", "user"),
        Field("assignee", "Assignee", "user"),
        Field("created", "Created", "datetime"),
        Field("updated", "Updated", "datetime"),
        Field("duedate", "Due date", "date"),
        Field("resolution", "Resolution", "resolution"),
        Field("resolutiondate", "Resolved", "datetime"),
        Field("issuelinks", "Linked Issues", "array", "issuelinks"),
        Field("attachment", "Attachment", "array", "attachment"),
        Field("fixVersions", "Fix versions", "array", "version"),
        Field("watches", "Watchers", "watches"),
        Field("comment", "Comment", "comments-page"),
        Field(ORGANIZATIONS_FIELD, "Organizations", "array", "sd-customerorganization", "sd-customer-organizations"),
        Field(SEVERITY_FIELD, "Severity", "string", "", "textfield"),
        Field(LABEL_FIELD, "Triage label", "string", "", "textfield"),
        Field(TIER_FIELD, "Customer tier", "option", "", "select"),
        Field(FIRST_RESPONSE_FIELD, "Time to first response", "sd-servicelevelagreement", "", "sd-sla-field"),
        Field(RESOLUTION_FIELD, "Time to resolution", "sd-servicelevelagreement", "", "sd-sla-field"),
    )
}


@dataclass(frozen=True, slots=True)
class Status:
    """``category`` is new, indeterminate or done."""

    id: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A move to ``to``, there only in the statuses ``start``."""

    id: str
    name: str
    start: frozenset[str]
    to: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its workflow; a new issue has the first status. ``screen`` is what people may fill in."""

    id: str
    key: str
    name: str
    kind: str
    issue_types: dict[str, str]
    components: dict[str, str]
    statuses: tuple[Status, ...]
    transitions: tuple[Transition, ...]
    versions: dict[str, str]
    screen: frozenset[str]

    def status(self, name: str) -> Status:
        """The status of this name."""
        return next(one for one in self.statuses if one.name == name)


def _from(*names: str) -> frozenset[str]:
    return frozenset(names)


WAITING, TRIAGED, PROGRESS = "Waiting for support", "Triaged", "In progress"
CUSTOMER, ESCALATED, RESOLVED, CLOSED = "Waiting for customer", "Escalated", "Resolved", "Closed"
ON_CUSTOMER, HOLD = "Waiting on customer", "On hold"
_OPEN = _from(WAITING, TRIAGED, PROGRESS, CUSTOMER, ESCALATED, ON_CUSTOMER, HOLD)
_TEAMS = (
    "Frontline Support",
    "Senior / Technical Support",
    "Engineering",
    "Product Management",
    "Security Team",
    "Finance / Billing",
)

_SCREEN = _from("summary", "description", "issuetype", "project", "priority", "labels", "components", "reporter",
                "assignee", "duedate", "fixVersions", SEVERITY_FIELD, LABEL_FIELD)  # fmt: skip

SUP = Project(
    "10000", "SUP", "Customer support", "service_desk",
    {"10001": "Service Request", "10002": "Incident", "10003": "Question"},
    {str(10201 + number): team for number, team in enumerate(_TEAMS)},
    (
        Status("10001", WAITING, "new"), Status("10007", TRIAGED, "indeterminate"),
        Status("10002", PROGRESS, "indeterminate"), Status("10003", CUSTOMER, "indeterminate"),
        Status("10004", ESCALATED, "indeterminate"), Status("10005", RESOLVED, "done"), Status("10006", CLOSED, "done"),
        Status("10008", ON_CUSTOMER, "indeterminate"), Status("10009", HOLD, "indeterminate"),
    ),
    (
        Transition("11", "Start work", _OPEN - {PROGRESS}, PROGRESS),
        Transition("21", "Respond to customer", _OPEN - {CUSTOMER}, CUSTOMER),
        Transition("31", "Respond to support", _from(CUSTOMER, RESOLVED), WAITING),
        Transition("41", "Escalate", _OPEN - {ESCALATED}, ESCALATED),
        Transition("51", "Resolve this issue", _OPEN, RESOLVED),
        Transition("61", "Close", _from(RESOLVED), CLOSED),
        Transition("81", "Triage", _from(WAITING), TRIAGED),
        Transition("91", "Put on hold", _OPEN - {HOLD}, HOLD),
        Transition("101", "Wait on customer", _OPEN - {ON_CUSTOMER}, ON_CUSTOMER),
    ),
    {},
    _SCREEN - {"fixVersions"} | {ORGANIZATIONS_FIELD, TIER_FIELD},
)  # fmt: skip

ENG = Project(
    "10001", "ENG", "Engineering", "software",
    {"10011": "Bug", "10012": "Task", "10013": "Story", "10014": "Epic"},
    {"10301": "API", "10302": "Web", "10303": "Mobile", "10304": "Billing"},
    (
        Status("10011", "To Do", "new"), Status("10012", "In Progress", "indeterminate"),
        Status("10013", "In Review", "indeterminate"), Status("10014", "Done", "done"),
    ),
    (
        Transition("111", "To Do", _from("In Progress", "In Review", "Done"), "To Do"),
        Transition("121", "In Progress", _from("To Do", "In Review"), "In Progress"),
        Transition("131", "Review", _from("In Progress"), "In Review"),
        Transition("141", "Done", _from("To Do", "In Progress", "In Review"), "Done"),
    ),
    {"10401": "4.2.0", "10402": "4.2.1", "10403": "4.3.0"},
    _SCREEN,
)  # fmt: skip

PROJECTS = {project.key: project for project in (SUP, ENG)}
CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
