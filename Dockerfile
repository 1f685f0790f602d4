# The image that Istio, Envoy Gateway and an image volume take the module from: the file plugin.wasm and nothing else.
#
#     docker build --provenance=false --tag etcd-json-gateway .
#
# Without `--provenance=false` Docker adds an index, of which Istio takes what is for linux/amd64: build it there, or with
# `--platform linux/amd64`. `cargo xtask package` makes the same image without an engine. `--target envoy` makes an Envoy
# instead, with the module and the page, as docker-compose.yml runs it: mount a configuration at /etc/envoy/envoy.yaml.
FROM docker.io/library/rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
WORKDIR /project
COPY . .
RUN cargo xtask package

FROM docker.io/envoyproxy/envoy:distroless-v1.40.0 AS envoy
COPY --from=build /project/target/package/etcd_json_gateway.wasm /etc/envoy/etcd_json_gateway.wasm
COPY --from=build /project/envoy/page /etc/envoy/page

FROM scratch
COPY --from=build /project/target/package/etcd_json_gateway.wasm /plugin.wasm
