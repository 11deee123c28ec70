# syntax=docker/dockerfile:1
# One image for web, worker, beat and migrate; docker-compose.yml says which command each runs. The tests run this Python.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock /src/
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r /src/requirements.lock
WORKDIR /app
COPY manage.py ./
COPY portal portal
COPY accounts accounts
COPY subscriptions subscriptions
COPY templates templates
COPY static static
# The key signs nothing: it is used for this one command only, and no setting of it stays in the image.
RUN SECRET_KEY=for-collectstatic-only ENV_FILE=/dev/null STATIC_ROOT=/app/collected-static \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --no-create-home portal \
    && install -d -o portal -g portal /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings ENV_FILE=/dev/null VAR_DIR=/data STATIC_ROOT=/app/collected-static
USER portal
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=4 \
    CMD ["python", "manage.py", "probe", "web"]
# No access log: an address can hold the token of an invitation.
CMD ["gunicorn", "portal.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=8", "--worker-tmp-dir=/dev/shm", "--no-control-socket"]
