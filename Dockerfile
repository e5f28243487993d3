# kepgate as an image: one static binary and nothing else. It builds on the classic builder and on BuildKit, for the
# processor that it is built on.
FROM rust:1.95-slim-bookworm AS build
# Without relocations and unwind tables, which a static binary that aborts has no use for, and with functions that are alike
# in one place, where the linker can do that, it is a tenth smaller.
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static -C relocation-model=static -C force-unwind-tables=no"
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static -C relocation-model=static -C force-unwind-tables=no -C link-arg=-Wl,--icf=all"
WORKDIR /build
# The dependencies are a layer of their own, which a change of the sources leaves alone. The target is named, so that
# `crt-static` does not reach procedural macros, which cannot be static.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches tests/it \
 && echo 'fn main() {}' >src/main.rs \
 && touch src/lib.rs benches/check.rs tests/it/main.rs \
 && cargo build --release --locked --bin kepgate --target "$(rustc -vV | sed -n 's/^host: //p')"
COPY src ./src
# The binary shows each rule's example from its fixture file.
COPY fixtures/rules ./fixtures/rules
RUN touch src/main.rs src/lib.rs \
 && cargo build --release --locked --bin kepgate --target "$(rustc -vV | sed -n 's/^host: //p')" \
 && mv target/*/release/kepgate /kepgate

FROM scratch
LABEL org.opencontainers.image.title="kepgate" \
      org.opencontainers.image.description="The gate that Kubernetes enhancement proposals pass through" \
      org.opencontainers.image.source="https://github.com/kepgate/kepgate" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /kepgate /kepgate
ENTRYPOINT ["/kepgate"]
