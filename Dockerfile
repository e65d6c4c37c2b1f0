# lambdascope in an image of its own: `docker build -t lambdascope .`, then `docker run -i lambdascope serve` for stdio.
# Runs as nobody special, with a read-only root and without a shell: docs/deploy.md.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON=/usr/local/bin/python3 UV_PYTHON_DOWNLOADS=never
ENV UV_PROJECT_ENVIRONMENT=/opt/lambdascope
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
# By itself, so that a change of our code does not install all that it needs again.
RUN uv sync --frozen --no-dev --no-install-project
COPY proxy proxy
COPY analytics analytics
COPY dashboards dashboards
RUN uv sync --frozen --no-dev --no-editable

FROM python:${PYTHON}
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/lambdascope --shell /usr/sbin/nologin lambdascope \
 && install --directory --mode=0750 --owner=lambdascope --group=lambdascope /var/lib/lambdascope
COPY --from=build /opt/lambdascope /opt/lambdascope
COPY packaging/docker/healthcheck.py /opt/lambdascope/healthcheck.py
ENV PATH=/opt/lambdascope/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV HOME=/var/lib/lambdascope XDG_DATA_HOME=/var/lib/lambdascope LAMBDASCOPE_HISTORY_DIR=/var/lib/lambdascope/history
USER 10001:10001
# All that is written but temporary files, for which a read-only root needs a tmpfs at /tmp.
VOLUME ["/var/lib/lambdascope"]
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "/opt/lambdascope/healthcheck.py"]
ENTRYPOINT ["lambdascope"]
CMD ["serve"]
