# kuard in a container. Whatever runs while it is built runs on the building machine's own architecture; of the image's
# architecture files are only copied. docker-bake.hcl builds it for several architectures, in three colours.
ARG NODE=docker.io/library/node:26.13.0-trixie-slim
ARG BUSYBOX=docker.io/library/busybox:1.37.0-musl

FROM ${NODE} AS node
FROM ${BUSYBOX} AS busybox

FROM --platform=$BUILDPLATFORM ${NODE} AS dist
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --include=optional
COPY . .
RUN node scripts/build.ts

# What becomes of the image, a folder for each of its layers.
FROM --platform=$BUILDPLATFORM ${NODE} AS layers
ARG TARGETARCH
RUN apt-get update -q && apt-get install -q -y --no-install-recommends elfutils
COPY image /image
RUN --mount=type=bind,from=node,target=/node --mount=type=bind,from=busybox,target=/busybox \
    /image/lay-out.sh "$TARGETARCH"
COPY --from=dist /src/dist /layers/kuard/usr/lib/kuard
COPY scripts/compiled-code.ts scripts/keep-compiled-code.cjs /scripts/
RUN /image/compile.sh

# From what changes least often to what changes most often.
FROM scratch AS kuard
COPY --from=layers /layers/system /
COPY --from=layers /layers/node /
COPY --from=layers /layers/kuard /
USER 65534:65534
EXPOSE 8080 8443
ENV PATH=/usr/bin
ENTRYPOINT ["/kuard"]
# The commit, as /version tells it.
ARG REVISION=unknown
ENV KUARD_COMMIT=$REVISION
LABEL org.opencontainers.image.title="kuard-ts" \
      org.opencontainers.image.description="The demo server of the book Kubernetes: Up and Running, in TypeScript"

FROM kuard AS purple
ENV KUARD_VERSION=purple
LABEL org.opencontainers.image.version="1.0.0-purple"

FROM kuard AS green
ENV KUARD_VERSION=green
LABEL org.opencontainers.image.version="1.0.0-green"

FROM kuard AS blue
ENV KUARD_VERSION=blue
LABEL org.opencontainers.image.version="1.0.0-blue"
