# The service as an image: one binary and what it needs, and nothing else.
#
#   docker build -t runbay .
#
# On a machine without a registry: deploy/image.sh, which makes the same image of
# a binary that was built here, and of Debian's own libraries.

ARG NODE=node:22-bookworm-slim
ARG RUST=rust:1.95-slim-bookworm

FROM ${NODE} AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
COPY tests/http/openapi.json /src/tests/http/openapi.json
RUN npm run build

FROM ${RUST} AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
RUN RUNBAY_REQUIRE_WEB=1 cargo build --release --locked && deploy/rootfs.sh /rootfs target/release/runbay

FROM scratch
COPY --from=build /rootfs /
ENV RUNBAY_HOME=/srv/runbay \
    RUNBAY_IMAGES_DIR=/usr/share/runbay/images \
    RUNBAY_DATA_DIR=/var/lib/runbay/data \
    RUNBAY_SECRETS_KEY_FILE=/var/lib/runbay/keys/runbay.key \
    RUNBAY_SERVER_BIND=0.0.0.0:7000 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
WORKDIR /srv/runbay
VOLUME ["/srv/runbay", "/srv/runbay/tasks", "/var/lib/runbay/data", "/var/lib/runbay/keys"]
EXPOSE 7000
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["/usr/local/bin/runbay", "health"]
ENTRYPOINT ["/usr/local/bin/runbay"]
CMD ["serve"]
