"""The containers keep what operations rely on: who connects as whom, what waits for what, and that each can be seen to be well."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ltc.embedded.ground import PROJECT

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"roles", "migrate", "web", "worker", "beat", "relay", "pgbouncer"}
ONCE = {"roles", "migrate"}
RUNNING = {"web", "worker", "beat", "relay"}


def waits_for(name: str) -> dict[str, str]:
    return {other: how["condition"] for other, how in SERVICES[name].get("depends_on", {}).items()}


def role_in(address: str) -> str:
    return address.removeprefix("postgres://").partition(":")[0]


def test_all_services_are_there():
    assert set(SERVICES) == OURS | {"postgres", "redis"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONCE))
def test_what_runs_on_can_be_seen_to_be_well_and_comes_back(name: str):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONCE))
def test_what_runs_once_is_not_started_again(name: str):
    assert SERVICES[name]["restart"] == "no"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned(name: str):
    image = SERVICES[name]["image"]
    assert ":" in image
    assert not image.endswith(":latest")


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_run_as_nobody_in_particular_and_write_nowhere(name: str):
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) >= 10000 <= int(group)
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_the_product_starts_after_roles_tables_and_brokers(name: str):
    assert waits_for(name) == {"migrate": "service_completed_successfully", "pgbouncer": "service_healthy", "redis": "service_healthy"}


def test_roles_come_before_tables():
    assert waits_for("roles") == {"postgres": "service_healthy"}
    assert waits_for("migrate")["roles"] == "service_completed_successfully"


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_the_product_connects_as_roles_that_own_nothing(name: str):
    environment = SERVICES[name]["environment"]
    assert role_in(environment["DATABASE_URL"]) == "ltc_app"
    assert role_in(environment["DATABASE_PLATFORM_URL"]) == "ltc_platform"
    assert "DATABASE_OWNER_URL" not in environment
    assert "POSTGRES_PASSWORD" not in str(environment)


def test_pages_go_through_the_pooler_and_migrations_do_not():
    assert "@pgbouncer:6432/" in SERVICES["web"]["environment"]["DATABASE_URL"]
    assert "pool_mode = transaction" in (PROJECT / "deploy/pgbouncer.sh").read_text()
    migration = SERVICES["migrate"]["environment"]
    assert role_in(migration["DATABASE_OWNER_URL"]) == "ltc_owner"
    assert "@postgres:5432/" in migration["DATABASE_OWNER_URL"]
    assert migration["LTC_DATABASE_ROLE"] == "owner"


def test_the_broker_keeps_its_work_on_disk_and_evicts_nothing():
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass ${REDIS_PASSWORD}" in command


def test_only_the_web_server_is_reachable_and_only_from_this_machine():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["web"]["ports"] == ["${LISTEN:-127.0.0.1}:${PORT:-8000}:8000"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_no_secret_is_written_down():
    text = (PROJECT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "LTC_OWNER_PASSWORD", "LTC_APP_PASSWORD", "LTC_PLATFORM_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY"):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text


def test_volumes_hold_what_must_outlive_a_container():
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert SERVICES["web"]["volumes"] == SERVICES["worker"]["volumes"] == ["media:/app/media"]


def test_the_image_is_built_from_locked_packages_and_runs_as_nobody_in_particular():
    stages = (PROJECT / "Dockerfile").read_text().split("FROM ")[1:]
    assert [stage.splitlines()[0].rpartition(" AS ")[2] for stage in stages] == ["built", "app", "pgbouncer"]
    assert not any(":latest" in stage.splitlines()[0] for stage in stages)
    assert "--require-hashes" in stages[0]
    assert "collectstatic" in stages[0]
    assert all("USER 1000" in stage for stage in stages[1:])


def test_every_process_of_the_procfile_has_its_service():
    lines = (PROJECT / "Procfile").read_text().splitlines()
    assert {line.partition(":")[0] for line in lines} == RUNNING | {"release"}


def test_the_poolers_script_refuses_to_start_without_passwords(tmp_path: Path):
    environment = {"PATH": "/usr/bin:/bin", "PGBOUNCER_DIRECTORY": str(tmp_path)}
    done = subprocess.run(["sh", PROJECT / "deploy/pgbouncer.sh"], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "LTC_APP_PASSWORD" in done.stderr


def test_every_process_finds_the_package_in_collections():
    for line in (PROJECT / "Procfile").read_text().splitlines():
        assert "manage.py" in line or "PYTHONPATH=.:collections" in line
    assert "PYTHONPATH=/app:/app/collections" in (PROJECT / "Dockerfile").read_text()
