"""The packs on disk: finding them, reading them, and the policies that they come to under the settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import SecretStr

import config
from app.errors import Misconfigured
from app.triage.environment import Knobs
from app.triage.example import Example
from app.triage.examples import read_examples
from app.triage.layers import Node, PolicyError, parse, written_in
from app.triage.model import BadModel, Model
from app.triage.model import load as load_model
from app.triage.policies import Policies
from app.triage.policy import Policy, read, taught
from app.triage.ticket import VendorName
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings, is_setting, setting_names

PACKS = Path(config.__file__).parent / "packs"
READER = Path(config.__file__).parent / "model" / "reader.json.gz"
_YAML = (".yaml", ".yml")


def load_policies(settings: Settings, variables: Mapping[str, str]) -> Policies:
    """The policies in force: each pack, over it the rules file, over both the environment's knobs. All are read and
    checked now. Raises Misconfigured that names the file and the line, or the variable, and the mend."""
    layers = [parse(*_text(settings.rules_file, "TRIAGE_RULES_FILE"))] if settings.rules_file else []
    if settings.known_issues_file:
        layers.append(_registry(parse(*_text(settings.known_issues_file, "TRIAGE_KNOWN_ISSUES_FILE"))))
    knobs = Knobs({name: text for name, text in variables.items() if not is_setting(name)}, setting_names())
    loaded: dict[str, Policy] = {}

    def load(name: str, where: str) -> Policy:
        if name not in loaded:
            disk = _Disk(settings.rules_file)
            found = read(*disk.pack(name, where), disk.pack, layers, knobs, disk.calendar)
            policy = with_reader(found, settings.model)
            if any(policy.name == other.name for other in loaded.values()):  # a decision could not say which it was
                raise Misconfigured(
                    f"two policies in force are named {policy.name!r}", where=where, mend="give each pack its own name"
                )
            loaded[name] = policy
        return loaded[name]

    default = load(settings.policy, "TRIAGE_POLICY")
    by_brand = settings.policy_by_brand.items()
    return Policies(
        default,
        {brand.casefold(): load(name, "TRIAGE_POLICY_BY_BRAND") for brand, name in by_brand},
        {
            (vendor, name): load(account.policy, f"TRIAGE_{vendor.upper()}__{name.upper()}__POLICY")
            for vendor, accounts in _accounts(settings)
            for name, account in accounts.items()
            if account.policy
        },
    )


def _registry(file: Node) -> Node:
    """A file of known issues as a layer: entries by their tags, in a pack's section ``known_issues``."""
    return Node({"known_issues": Node({"entries": file}, file.place)}, file.place)


def _accounts(settings: Settings) -> tuple[tuple[VendorName, Mapping[str, ZendeskAccount | JiraAccount]], ...]:
    return ("zendesk", settings.zendesk), ("jira", settings.jira)


def load_policy(name: str) -> Policy:
    """A pack by name, or the pack in a file, by itself. Raises Misconfigured that names file, line and mend."""
    disk = _Disk()
    return with_reader(read(*disk.pack(name), disk.pack, files=disk.calendar))


def with_reader(policy: Policy, path: str = "") -> Policy:
    """The policy with the learned reader in a file, or with the one that comes with the product; without one where its
    pack asks none or the path is ``off``. Raises Misconfigured."""
    if path == "off" or not policy.pack.reader.asked:
        return policy
    return taught(policy, _reader(Path(path) if path else READER))


@cache
def _reader(file: Path) -> Model:
    try:
        return load_model(file.read_bytes())
    except OSError as error:
        why, mend = f"cannot read {file}: {error.strerror}", "name a file made by `triage train`, or `off`"
    except BadModel as error:
        why, mend = f"{file} is no reader: {error}", "make it anew with `triage train`"
    raise Misconfigured(why, where="TRIAGE_MODEL", mend=mend)


def examples_of(name: str) -> tuple[Example, ...]:
    """The examples of a pack: its own, and those in the file and the folder of its name in ``examples`` beside it.

    Raises Misconfigured.
    """
    return tuple(example for text, origin in example_texts(name) for example in read_examples(text, origin))


def example_texts(name: str) -> tuple[tuple[str, str], ...]:
    """The texts that a pack's examples stand in, each with how messages call it. Raises Misconfigured."""
    text, origin = find_pack(name)
    beside = (Path(name) if Path(name).suffix in _YAML else PACKS / name).parent / "examples" / origin
    found = [(text, origin)]
    files = [beside] if beside.is_file() else []
    for path in (*files, *sorted(beside.with_suffix("").glob("*.yaml"))):
        found.append((_text(str(path), name)[0], str(path.relative_to(beside.parent.parent))))
    return tuple(found)


def find_pack(name: str, where: str = "TRIAGE_POLICY or --policy") -> tuple[str, str]:
    """The text of a pack, by name or path, and how messages call it. Raises Misconfigured; ``where`` is who asks."""
    if Path(name).suffix in _YAML:
        return _text(name, where)
    try:
        return _text(str(_path(name)), where)
    except Misconfigured as error:
        known = ", ".join(sorted(pack.stem for pack in PACKS.glob("*.yaml")))
        raise Misconfigured(
            f"no pack is named {name!r}",
            where=where,
            mend=f"name a pack ({known}) or the path of a .yaml file",
        ) from error


def _path(name: str) -> Path:
    return Path(name) if Path(name).suffix in _YAML else PACKS / f"{name}.yaml"


class _Disk:
    """What one policy is read from: packs by name, and the calendar files beside the packs that name them.

    A value's place has the name of its file alone, so the folders of the files that were read are kept here.
    """

    def __init__(self, *read: str) -> None:
        self._folders: dict[str, list[Path]] = {}
        for path in filter(None, read):
            self._remember(Path(path))

    def pack(self, name: str, where: str = "TRIAGE_POLICY or --policy") -> tuple[str, str]:
        """As ``find_pack``."""
        self._remember(_path(name))
        return find_pack(name, where)

    def calendar(self, name: str, place: str) -> str:
        """The text of a calendar file: beside the file that names it, or in the working directory when a variable does.

        Raises PolicyError.
        """
        tried = [folder / name for folder in self._folders.get(written_in(place), [Path()])]
        try:
            there = {path.resolve() for path in tried if path.is_file()}
            if len(there) == 1:
                return there.pop().read_text(encoding="utf-8-sig")
            why = "there are two, as there are two packs of one file name" if there else "there is no such file"
        except OSError as error:
            why = error.strerror or "it is not readable"
        except UnicodeDecodeError:
            why = "it is not UTF-8"
        raise PolicyError(
            f"{str(tried[0])!r} cannot be read: {why}",
            where=place,
            mend="give the path of an .ics file that this user may read, from the pack's folder on or absolute",
        )

    def _remember(self, path: Path) -> None:
        self._folders.setdefault(path.name, []).append(path.parent)


def _text(path: str, where: str) -> tuple[str, str]:
    try:
        return Path(path).read_text(encoding="utf-8"), Path(path).name
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Misconfigured(
            f"{path!r} cannot be read: {why}", where=where, mend="give the path of a .yaml file that this user may read"
        ) from error


def check_settings(policy: Policy, settings: Settings) -> None:
    """Raise Misconfigured where the policy sends messages or makes issues and the settings do not say where to."""
    _reachable(policy, settings)
    _bridged(policy, settings)


def _reachable(policy: Policy, settings: Settings) -> None:
    """Raise Misconfigured where the policy sends messages and nothing says where to."""
    needed = {"email": ("engineering_email", "smtp_url", "mail_from"), "webhook": ("engineering_webhook",)}
    channel = policy.pack.escalation.message
    lacking = [f"TRIAGE_{name.upper()}" for name in needed.get(channel, ()) if not _plain(getattr(settings, name))]
    if lacking:
        raise Misconfigured(
            f"policy {policy.name} tells engineering by {channel}, and nothing says how",
            where="escalation.message",
            mend=f"set {', '.join(lacking)}, or let escalation.message be note",
        )


def _bridged(policy: Policy, settings: Settings) -> None:
    """Raise Misconfigured where issues are to be made at an account or in a project that nobody named."""
    for account in settings.zendesk.values():
        if not account.engineering:
            continue
        if account.engineering not in settings.jira:
            known = ", ".join(sorted(settings.jira)) or "none yet"
            raise Misconfigured(
                f"no Jira account is named {account.engineering!r}",
                where=f"TRIAGE_ZENDESK__{account.name.upper()}__ENGINEERING",
                mend=f"name a Jira account ({known}), or leave it empty: then no issue is made",
            )
        bare = next((rule.name for rule in policy.pack.rules.issues if not rule.then.project), None)
        if bare and not policy.pack.bridge.project:
            raise Misconfigured(
                f"policy {policy.name} makes issues by the rule {bare!r}, and nothing says in which project",
                where="bridge.project",
                mend="set TRIAGE_BRIDGE__PROJECT to the key of engineering's project, such as ENG",
            )


def _plain(value: str | SecretStr) -> str:
    return value if isinstance(value, str) else value.get_secret_value()
