# Two stages: one builds, the other only runs. The second has neither pip nor a compiler.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/releve
# The pins first: this layer is built again only when they change.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN /opt/releve/bin/python -m pip install --require-hashes --no-deps -r requirements/build.txt \
    && /opt/releve/bin/python -m pip install --require-hashes --no-deps -r requirements/runtime.txt
COPY . .
RUN /opt/releve/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/releve/bin/python -m pip uninstall --yes setuptools pip \
    && /opt/releve/bin/python -m compileall -q /opt/releve/lib

FROM python:${PYTHON} AS runtime
# The image's own pip, and the copies of it that ensurepip carries, go too.
RUN python -m pip uninstall --yes --root-user-action=ignore setuptools wheel pip \
    && rm -rf /usr/local/lib/python3*/ensurepip \
    && groupadd --system --gid 10001 releve \
    && useradd --system --uid 10001 --gid releve --no-create-home --shell /usr/sbin/nologin releve \
    && install --directory --owner=releve --group=releve --mode=0700 /var/lib/releve
COPY --from=builder /opt/releve /opt/releve
ENV PATH=/opt/releve/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/var/lib/releve/compiled
# The only place the program writes to: SQLite, and machine code. The rest may be mounted read-only.
WORKDIR /var/lib/releve
USER 10001:10001
EXPOSE 8000
# By hand rather than with curl, which the image does not have; no proxy stands in the way.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=3); c.request('GET', '/health/live'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["releve", "serve", "--host", "0.0.0.0"]
