"""Both bundled servers as one thing: start what is not given, stop what is ours, tell the addresses."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ltc.embedded import postgres, valkey
from ltc.embedded.bootstrap import VARIABLES, connect, database_of, make_ready, run, with_database
from ltc.embedded.ground import State


@dataclass
class Services:
    """Addresses in the form of environment variables, what this call started, and what a given server would not allow."""

    environment: dict[str, str]
    started: list[str] = field(default_factory=list)
    shortcomings: list[str] = field(default_factory=list)


def start(state: State) -> Services:
    """Nothing is started for a service whose address the environment gives; with all three database addresses, nothing is changed there."""
    state.prepare()
    with state.locked():
        settings = state.settings()
        state.save(settings)
        services = Services({"SECRET_KEY": os.environ.get("SECRET_KEY") or settings["secret_key"]})
        try:
            database(state, settings, services)
            redis = os.environ.get("REDIS_URL")
            if not redis:
                if valkey.start(state, settings):
                    services.started.append("valkey")
                redis = valkey.url(settings)
            services.environment["REDIS_URL"] = redis
        except BaseException:
            if "postgres" in services.started:  # one of two is of no use, and nobody would know to stop it
                postgres.stop(state)
            raise
        finally:
            state.save(settings)
    return services


def database(state: State, settings: dict[str, object], services: Services) -> None:
    given = {name: os.environ[name] for name in VARIABLES.values() if os.environ.get(name)}
    if len(given) == len(VARIABLES):
        services.environment |= given
        return
    administrator = given.get("DATABASE_URL")
    if not administrator:
        if postgres.start(state, settings):
            services.started.append("postgres")
        administrator = postgres.administrator_url(settings)
    outcome = make_ready(administrator, key=str(settings["role_key"]))
    services.environment |= outcome.urls
    services.shortcomings += outcome.shortcomings


def start_over(state: State) -> bool:
    """Empties the bundled database. False, and nothing done, where the database is somebody else's."""
    if os.environ.get("DATABASE_URL"):
        return False
    settings = state.settings()
    administrator = postgres.administrator_url(settings)
    connection = connect(with_database(administrator, "postgres"))
    run(connection, f"DROP DATABASE IF EXISTS {database_of(administrator)} WITH (FORCE)")
    connection.close()
    make_ready(administrator, key=str(settings["role_key"]))
    return True


def stop(state: State, only: list[str] | None = None) -> list[str]:
    """Names of the servers that were stopped; their data stays."""
    if not (state.path / "services.json").exists():
        return []
    wanted = only if only is not None else ["valkey", "postgres"]
    stopped = []
    with state.locked():
        if "valkey" in wanted and valkey.stop(state):
            stopped.append("valkey")
        if "postgres" in wanted and postgres.stop(state):
            stopped.append("postgres")
    return stopped
