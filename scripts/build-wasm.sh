# Builds the WebAssembly modules of the kernel and of gzip, unless they are newer than all that they are built from.
set -e
build() { # module, then all that it is built from
  wasm=$1
  shift
  [ -e "$wasm" ] && [ -z "$(find "$@" package-lock.json -newer "$wasm")" ] || asc --config "$1/asconfig.json" --transform ./scripts/inline-tagged.ts
}
build src/kernel/kernel.wasm src/kernel/assembly src/kernel/layout.ts
build src/gzip/gzip.wasm src/gzip/assembly
