"""Settings: what the environment says, and how a mistake in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.cli.settings import say
from app.errors import Misconfigured
from app.runtime import build
from config.celery import celery_config
from config.settings import Settings, environment_variables, is_setting


def from_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)  # type: ignore[call-arg]


def test_several_accounts_are_told_apart_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(
        monkeypatch,
        TRIAGE_ZENDESK__ACME__SUBDOMAIN="acme",
        TRIAGE_ZENDESK__ACME__FIELDS='{"severity": "360001"}',
        TRIAGE_ZENDESK__BETA__URL="https://help.beta.example/",
        TRIAGE_JIRA__ACME__URL="https://acme.example",
    )
    assert {name: a.base_url for name, a in settings.zendesk.items()} == {
        "acme": "https://acme.zendesk.com",
        "beta": "https://help.beta.example",
    }
    assert settings.zendesk["acme"].fields == {"severity": "360001"}
    assert settings.jira["acme"].name == "acme"
    assert settings.has_vendors()


def test_platform_names_work_without_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(monkeypatch, PORT="5000", REDIS_URL="redis://h/1", DATABASE_URL="postgres://u:p@h/d")
    assert (settings.port, settings.redis_url) == (5000, "redis://h/1")
    assert settings.database_url == "postgresql+psycopg://u:p@h/d"


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(
        monkeypatch,
        TRIAGE_ZENDESK__ACME__SUBDOMAIN="acme",
        TRIAGE_ZENDESK__ACME__TOKEN="hunter2",
        TRIAGE_ZENDESK__ACME__WEBHOOK_SECRET="hunter2",
    )
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "eighty", "PORT"),
        ("TRIAGE_LOG_FORMAT", "xml", "TRIAGE_LOG_FORMAT"),
        ("TRIAGE_JIRA__ACME__URL", "", "TRIAGE_JIRA__ACME"),
        ("TRIAGE_JIRA__ACME__PROJECTS", '["sup"]', "TRIAGE_JIRA__ACME__PROJECTS"),
        ("TRIAGE_ZENDESK__ACME__SUBDOMIAN", "acme", "TRIAGE_ZENDESK__ACME__SUBDOMIAN"),
        ("TRIAGE_PAGER__L4", "pagerduty://x", "TRIAGE_PAGER__L4"),
        ("TRIAGE_ZENDESK__ACME__TIMEOUT", "0", "TRIAGE_ZENDESK__ACME__TIMEOUT"),
        ("TRIAGE_POLICY_BY_BRAND", "octoacme", "TRIAGE_POLICY_BY_BRAND: 'octoacme' is not brand:pack"),
        ("TRIAGE_POLICY_BY_BRAND", "OPS:", "TRIAGE_POLICY_BY_BRAND: 'OPS:' is not brand:pack"),
        ("TRIAGE_POLICY_BY_BRAND", "OPS:a,ops:b", "TRIAGE_POLICY_BY_BRAND: brand 'ops' stands there twice"),
    ],
)
def test_a_mistake_is_told_by_the_variables_own_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        from_environment(monkeypatch, **{variable: value})
    assert f"where: {said}" in say(caught.value)


def test_brands_have_policies_of_their_own_whatever_their_case(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(monkeypatch, TRIAGE_POLICY_BY_BRAND=" OPS:octoacme, 360001 : ./mine.yaml,")
    assert settings.policy_by_brand == {"ops": "octoacme", "360001": "./mine.yaml"}
    assert from_environment(monkeypatch, TRIAGE_POLICY_BY_BRAND="").policy_by_brand == {}


def test_variables_come_from_the_environment_over_the_env_file_as_the_settings_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "TRIAGE_L4__AUTO=true\ntriage_features='{\"a\": true}'\nTRIAGE_DEMAND__PRODUCT_REVIEW=7\nOTHER=1\n"
    )
    monkeypatch.setenv("TRIAGE_DEMAND__PRODUCT_REVIEW", "9")
    monkeypatch.setenv("UNTRIAGE_X", "1")
    found = environment_variables()
    assert found["TRIAGE_L4__AUTO"] == "true"
    assert found["TRIAGE_FEATURES"] == '{"a": true}'
    assert found["TRIAGE_DEMAND__PRODUCT_REVIEW"] == "9"
    assert all(name.startswith("TRIAGE_") for name in found)


@pytest.mark.parametrize(
    ("variable", "setting"),
    [
        ("TRIAGE_PORT", True),
        ("TRIAGE_POLICY_BY_BRAND", True),
        ("TRIAGE_ZENDESK__ACME__TOKEN", True),
        ("TRIAGE_JIRA__ACME__FIELDS__SEVERITY", True),
        ("TRIAGE_PORT__X", False),
        ("TRIAGE_POLICY__X", False),
        ("TRIAGE_L4__AUTO", False),
        ("TRIAGE_ZENDSK__ACME__TOKEN", False),
        ("TRIAGE_PAGER__L2", True),
        ("TRIAGE_PAGER_SECRET", True),
        ("TRIAGE_ONCALL__LATE_AFTER", False),
    ],
)
def test_a_variable_is_a_setting_or_a_knob(variable: str, setting: bool) -> None:
    assert is_setting(variable) is setting


def test_on_call_targets_are_told_by_name_and_stay_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(
        monkeypatch,
        TRIAGE_PAGER__L2="pagerduty://hunter2",
        TRIAGE_PAGER__EMAIL=" ",
        TRIAGE_PAGER_SECRET="hunter2",
    )
    assert settings.pager.named() == {"l2": "pagerduty://hunter2"}
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_an_on_call_address_that_leads_nowhere_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured) as told:
        build(from_environment(monkeypatch, TRIAGE_PAGER__L3="https://pager.example/hunter2"))
    assert (told.value.where, told.value.mend) == ("TRIAGE_PAGER__L3", "set TRIAGE_PAGER_SECRET")
    assert "hunter2" not in str(told.value)


def test_a_secret_in_a_mistake_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        from_environment(monkeypatch, TRIAGE_ZENDESK__ACME__TOKEN="hunter2")
    assert "hunter2" not in say(caught.value)


def test_celery_loses_and_doubles_nothing_by_its_settings() -> None:
    config = celery_config(Settings(_env_file=None, redis_url="redis://h/0"))  # type: ignore[call-arg]
    for name in ("task_acks_late", "task_reject_on_worker_lost", "task_retry_on_worker_lost", "task_ignore_result",
                 "worker_disable_prefetch", "worker_cancel_long_running_tasks_on_connection_loss",
                 "worker_enable_soft_shutdown_on_idle", "broker_connection_retry_on_startup"):  # fmt: skip
        assert config[name] is True, name
    assert config["worker_prefetch_multiplier"] == 1
    assert config["task_publish_retry"] is False
    assert config["accept_content"] == ["json"]
    assert config["task_soft_time_limit"] < config["task_time_limit"]
    assert config["task_time_limit"] * 10 < config["broker_transport_options"]["visibility_timeout"]
    assert config["broker_transport_options"]["socket_timeout"] == 10
    assert "result_backend" not in config


def test_a_lease_outlives_the_longest_task() -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert settings.lease_seconds > celery_config(settings)["task_time_limit"]
