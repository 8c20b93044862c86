"""The bundled servers start with nothing installed, survive what happens to them, and keep their data."""

import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
import redis

from ltc.embedded import postgres, services, valkey
from ltc.embedded.ground import CannotStart, State, account, end_of, process_state


def ask(url: str, question: str) -> object:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def test_a_second_start_finds_the_servers_of_the_first(place: State, up: services.Services):
    again = services.start(place)
    assert again.started == []
    assert again.environment == up.environment


def test_four_starts_at_once_make_one_pair_of_servers(place: State, up: services.Services):
    with ThreadPoolExecutor(4) as pool:
        found = [start.result() for start in [pool.submit(services.start, place) for _ in range(4)]]
    assert [one.started for one in found] == [[], [], [], []]
    assert all(one.environment == up.environment for one in found)


def test_data_outlives_a_stop(place: State, up: services.Services):
    owner = up.environment["DATABASE_OWNER_URL"]
    with psycopg2.connect(owner) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kept (word text); DELETE FROM kept; INSERT INTO kept VALUES ('here')")
    connection.close()
    assert sorted(services.stop(place)) == ["postgres", "valkey"]
    assert services.stop(place) == []
    again = services.start(place)
    assert sorted(again.started) == ["postgres", "valkey"]
    assert ask(again.environment["DATABASE_URL"], "SELECT word FROM kept") == "here"


def test_killed_servers_come_back(place: State, up: services.Services):
    info = postgres.postmaster(place.path / "pg/data")
    assert info is not None
    broker = valkey.running_process(place.path / "redis")
    for pid in (info[0], broker):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(process_state(pid) == "A" for pid in (info[0], broker)) and time.monotonic() < deadline:
        time.sleep(0.02)
    again = services.start(place)
    assert sorted(again.started) == ["postgres", "valkey"]
    assert ask(again.environment["DATABASE_URL"], "SELECT 1") == 1


def test_a_taken_port_is_stepped_over(place: State, up: services.Services):
    services.stop(place)
    settings = place.settings()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", settings["postgres_port"]))
        squatter.listen()
        again = services.start(place)
    assert place.settings()["postgres_port"] != settings["postgres_port"]
    assert ask(again.environment["DATABASE_URL"], "SELECT 1") == 1


def test_the_broker_wants_its_password_and_never_evicts_work(up: services.Services):
    known = redis.Redis.from_url(up.environment["REDIS_URL"])
    assert known.ping() is True
    assert known.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    stranger = redis.Redis.from_url("redis://" + up.environment["REDIS_URL"].rpartition("@")[2])
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_chinese_can_be_searched_by_fragment(up: services.Services):
    assert ask(up.environment["DATABASE_URL"], "SELECT cardinality(show_trgm('中文搜索'))") == 5


def test_only_this_account_can_read_the_secrets(place: State, up: services.Services):
    assert (place.path / "services.json").stat().st_mode & 0o077 == 0
    assert len(json.loads((place.path / "services.json").read_text())["secret_key"]) >= 40


def test_given_addresses_are_used_as_they_are(place: State, up: services.Services, monkeypatch: pytest.MonkeyPatch):
    given = {name: value for name, value in up.environment.items() if name != "SECRET_KEY"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    elsewhere = State("test", place.path.parent / "elsewhere")
    found = services.start(elsewhere)
    assert found.started == []
    assert {name: found.environment[name] for name in given} == given
    assert not (elsewhere.path / "pg").exists()


def test_without_a_broker_the_database_does_not_stay_behind(ground, nothing_given: None, monkeypatch: pytest.MonkeyPatch):
    alone = State("test", ground / "alone")
    monkeypatch.setattr(valkey, "package_directory", lambda name: None)
    monkeypatch.setattr(valkey.shutil, "which", lambda name: None)
    with pytest.raises(CannotStart, match="No Valkey or Redis server"):
        services.start(alone)
    assert not postgres.is_running(alone.path / "pg/data")


def test_data_of_another_major_version_is_left_alone(ground, nothing_given: None):
    old = State("test", ground / "old")
    old.prepare()
    data = old.path / "pg/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 9"):
        postgres.start(old, old.settings())
    assert (data / "PG_VERSION").read_text() == "9\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must step down")
def test_as_root_the_servers_run_as_somebody_else(place: State, up: services.Services):
    info = postgres.postmaster(place.path / "pg/data")
    assert info is not None
    who = account(place.path / "pg/data")
    assert who is not None
    for pid in (info[0], valkey.running_process(place.path / "redis")):
        assert os.stat(f"/proc/{pid}").st_uid == who.pw_uid != 0


def test_the_end_of_a_log_that_was_never_written(ground):
    assert end_of(ground / "none.log") == "(no log)"


def test_starting_over_empties_the_bundled_database_and_no_other(place: State, up: services.Services, monkeypatch: pytest.MonkeyPatch):
    owner = up.environment["DATABASE_OWNER_URL"]
    with psycopg2.connect(owner) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS half_a_story (word text)")
    connection.close()
    monkeypatch.setenv("DATABASE_URL", owner)
    assert services.start_over(place) is False
    assert ask(owner, "SELECT to_regclass('half_a_story') IS NOT NULL") is True
    monkeypatch.delenv("DATABASE_URL")
    assert services.start_over(place) is True
    assert ask(owner, "SELECT to_regclass('half_a_story') IS NULL") is True
