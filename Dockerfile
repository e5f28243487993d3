# kepgate as an image: one static binary and nothing else. It builds with the classic builder and with BuildKit, for the
# architecture that it is built on.
FROM rust:1.95-slim-bookworm AS build
# Packed relocations are half a megabyte smaller.
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"
# A panic aborts, so nothing unwinds the stack: the tables of the Rust code for that are removed before it is linked, which
# saves a megabyte. The C library keeps its own, because a backtrace, which errors of octocrab record, begins with them.
RUN printf '%s\n' '#!/bin/sh' \
      'for file; do case $file in */kepgate-*.rcgu.o) objcopy --remove-section .eh_frame "$file" || exit ;; esac; done' \
      'exec cc "$@"' >/usr/local/bin/link-gcc \
 && chmod +x /usr/local/bin/link-gcc
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=link-gcc
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=link-gcc
WORKDIR /build
# Dependencies get a layer of their own, so that a change to the sources does not rebuild them. The target is explicit
# because `crt-static` must not apply to procedural macros, which cannot be static.
COPY Cargo.toml Cargo.lock ./
COPY fuzz/Cargo.toml ./fuzz/
COPY xtask/Cargo.toml ./xtask/
RUN mkdir -p src benches tests/it fuzz/src xtask/src \
 && echo 'fn main() {}' | tee src/main.rs >xtask/src/main.rs \
 && touch src/lib.rs benches/check.rs tests/it/main.rs fuzz/src/lib.rs \
 && cargo build --release --locked --package kepgate --target "$(rustc -vV | sed -n 's/^host: //p')"
COPY src ./src
RUN touch src/main.rs src/lib.rs \
 && cargo build --release --locked --package kepgate --target "$(rustc -vV | sed -n 's/^host: //p')" \
 && mv target/*/release/kepgate /kepgate

FROM scratch
LABEL org.opencontainers.image.title="kepgate" \
      org.opencontainers.image.description="Checks Kubernetes enhancement proposals (KEPs) on pull requests" \
      org.opencontainers.image.source="https://github.com/kepgate/kepgate" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /kepgate /kepgate
ENTRYPOINT ["/kepgate"]
