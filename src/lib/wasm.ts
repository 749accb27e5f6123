import { readFileSync } from 'node:fs'
import { systemCode } from './errors.ts'

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

/** A constant that a module exports. */
export interface Constant {
  readonly value: number
}

/** The exports of an instance of the module. Throws when the module was not built. */
export function instantiate(module: URL, memory: WebAssembly.Memory): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(read(module)), { env: { memory } }).exports
}

function read(module: URL): Uint8Array {
  try {
    return readFileSync(module)
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause
    throw new Error(`${module.pathname} is missing: 'npm run kernel' builds it`, { cause })
  }
}
