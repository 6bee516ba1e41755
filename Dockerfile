# mixpriv in an image: `docker build -t mixpriv .`, then e.g. `docker run --rm -v "$PWD:/workspace" mixpriv validate`.
# The version of Python that the tests run with. Pin the digest that your registry shows for it, too: python:…@sha256:…
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /build
# Only what a wheel is made of: no test, no history, nothing that lies about in a checkout.
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY schemas schemas
COPY mixpriv_reconcile mixpriv_reconcile
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT=/build/constraints.txt
RUN pip wheel --no-deps --wheel-dir wheel . \
 && python -m venv --without-pip /opt/mixpriv \
 && pip --python /opt/mixpriv/bin/python install --only-binary :all: "$(ls wheel/*.whl)[s3,gcs,azure]"

FROM ${PYTHON}
LABEL org.opencontainers.image.title="mixpriv" \
      org.opencontainers.image.description="Privacy operations as code for Mixpanel" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/mixpriv /opt/mixpriv
# Nobody's files are in the image, and nothing in it is written: a read-only root file system will do, with room in /workspace and /tmp.
RUN mkdir /workspace && chown 65532:65532 /workspace
ENV PATH=/opt/mixpriv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 65532:65532
WORKDIR /workspace
# It runs once and ends; whether it went well its exit code says.
HEALTHCHECK NONE
# In this form signals reach mixpriv itself, which saves and ends 143.
ENTRYPOINT ["mixpriv"]
CMD ["--help"]
