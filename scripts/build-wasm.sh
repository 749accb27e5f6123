# Builds the WebAssembly modules of the kernel and of gzip, unless they are newer than all that they are built from.
set -e
transform=./scripts/inline-tagged.ts
build() { # module, then all that it is built from
  wasm=$1
  shift
  [ -e "$wasm" ] && [ -z "$(find "$@" "$transform" package-lock.json -newer "$wasm")" ] || asc --config "$1/asconfig.json" --transform "$transform"
}
build src/kernel/kernel.wasm src/kernel/assembly src/kernel/layout.ts
build src/gzip/gzip.wasm src/gzip/assembly
