#!/bin/sh
# PgBouncer in transaction mode in front of PostgreSQL. Limits of a session stand on the roles, since a pooler refuses them at connection.
set -eu
umask 077
directory="${PGBOUNCER_DIRECTORY:-/tmp/pgbouncer}"
mkdir -p "$directory"
cat > "$directory/users.txt" <<USERS
"ltc_app" "${LTC_APP_PASSWORD:?is missing}"
"ltc_platform" "${LTC_PLATFORM_PASSWORD:?is missing}"
USERS
cat > "$directory/pgbouncer.ini" <<SETTINGS
[databases]
* = host=${POSTGRES_HOST:-postgres} port=${POSTGRES_PORT:-5432}
[pgbouncer]
listen_addr = ${LISTEN_ADDRESS:-0.0.0.0}
listen_port = ${LISTEN_PORT:-6432}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $directory/users.txt
pool_mode = transaction
default_pool_size = ${POOL_SIZE:-20}
min_pool_size = 2
reserve_pool_size = 5
max_client_conn = 1000
server_idle_timeout = 120
query_wait_timeout = 20
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
SETTINGS
exec pgbouncer "$directory/pgbouncer.ini"
