# The bundle is the same for every architecture, so it is built on the builder's own.
FROM --platform=$BUILDPLATFORM node:26-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Without scripts: the image has its Node, and esbuild needs none.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json LICENSE ./
COPY scripts scripts
COPY src src
RUN npm run --silent bundle \
  && mkdir -p /image/usr/local/bin \
  && mv dist /image/app \
  && cp LICENSE /image/app/ \
  && ln -s /app/loggy.mjs /image/usr/local/bin/loggy

FROM node:26-bookworm-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="loggy" \
  org.opencontainers.image.description="Kubernetes node agent: every container log line, enriched with its pod's metadata" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.base.name="docker.io/library/node:26-bookworm-slim"
COPY --from=build /image/ /
# Lines are not V8's to collect: with the smallest young generation the process is 6 MB smaller under load, and no slower; with one arena
# for malloc another 3. (V8's own --optimize-for-size saves 4 and takes half as much CPU again.)
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["node", "--max-semi-space-size=1", "/app/loggy.mjs"]
CMD ["run", "--config", "/etc/loggy/loggy.yaml"]
