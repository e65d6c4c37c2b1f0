# lambdascope in an image of its own: `docker build -t lambdascope .`, then `docker run -i lambdascope serve` for stdio.
FROM python:3.11-slim-bookworm AS build
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

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 lambdascope \
 && install --directory --owner=lambdascope --group=lambdascope /var/lib/lambdascope/history
COPY --from=build /opt/lambdascope /opt/lambdascope
ENV PATH=/opt/lambdascope/bin:$PATH PYTHONUNBUFFERED=1 LAMBDASCOPE_HISTORY_DIR=/var/lib/lambdascope/history
USER 10001
EXPOSE 3000
ENTRYPOINT ["lambdascope"]
CMD ["serve"]
