import { readFileSync } from 'node:fs'
import { systemCode } from '../lib/errors.ts'

declare global {
  // What Loggy uses of it: the compiler's own declarations come with those of a browser.
  namespace WebAssembly {
    class Memory {
      constructor(size: { readonly initial: number; readonly maximum: number })
      readonly buffer: ArrayBuffer
    }
    class Module {
      constructor(bytes: Uint8Array)
    }
    class Instance {
      constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>)
      readonly exports: unknown
    }
  }
}

/** A constant of the module. */
interface Constant {
  readonly value: number
}

/** Functions and constants of the WebAssembly module, as `assembly/kernel.ts` documents them. Addresses are bytes into its memory. */
export interface AssemblyExports {
  readonly run: (at: number, end: number, out: number, limit: number, oddStreams: number, maximumBody: number) => number
  readonly list: (at: number, end: number, oddStreams: number, maximumBody: number) => number
  readonly runListed: (at: number, end: number, out: number, limit: number, count: number) => number
  readonly parse: (start: number, end: number) => number
  readonly isJsonObject: (start: number, end: number) => number
  readonly escape: (start: number, end: number, out: number) => number
  readonly endOfTime: (start: number, end: number) => number
  /** The first address that is free. */
  readonly FREE: Constant
  readonly GUARD: Constant
  readonly LINE: Constant
  readonly LIST: Constant
  readonly LIST_LINES: Constant
  readonly MEMBERS: Constant
  readonly NAME_BYTES: Constant
  readonly NAMES: Constant
  readonly RECORD_IDS: Constant
  readonly RUN: Constant
  readonly TEMPLATE: Constant
  readonly VALUES: Constant
  readonly VERDICTS: Constant
}

/** Stands beside this file, or beside the program that this file was bundled into. */
const location = new URL('./kernel.wasm', import.meta.url)

/** Throws when the module was not built. */
export function instantiateAssembly(memory: WebAssembly.Memory): AssemblyExports {
  const module = new WebAssembly.Module(readModule())
  return new WebAssembly.Instance(module, { env: { memory } }).exports as AssemblyExports
}

function readModule(): Uint8Array {
  try {
    return readFileSync(location)
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause
    throw new Error(`${location.pathname} is missing: 'npm run kernel' builds it`, { cause })
  }
}
