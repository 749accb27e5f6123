import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type Fields, listOf } from './fields.ts'
import type { Material } from './kubeconfig.ts'

/** Reads a map in a kubeconfig field by field. As in kubectl, a wrong type is a fault. Empty texts count as absent. */
export class KubeconfigFields {
  readonly value: Fields
  /** One sentence each, with the path of the field. */
  readonly faults: string[] = []
  readonly #path: string
  readonly #directory: string

  /** `directory`: the file's directory, for relative paths. */
  constructor(value: Fields, { path, directory }: { readonly path: string; readonly directory: string }) {
    this.value = value
    this.#path = path
    this.#directory = directory
  }

  fault(key: string, what: string): undefined {
    this.faults.push(`${this.#path}.${key} ${what}`)
  }

  text(key: string): string | undefined {
    const value = this.value[key] ?? ''
    return typeof value === 'string' ? value || undefined : this.fault(key, 'must be a string')
  }

  flag(key: string): boolean {
    const value = this.value[key] ?? false
    if (typeof value !== 'boolean') this.fault(key, 'must be true or false')
    return value === true
  }

  list(key: string): readonly unknown[] {
    const value = this.value[key] ?? []
    if (!Array.isArray(value)) this.fault(key, 'must be a list')
    return listOf(value)
  }

  texts(key: string): string[] {
    const texts = this.list(key).filter((value) => typeof value === 'string')
    if (texts.length < this.list(key).length) this.fault(key, 'must be a list of strings')
    return texts
  }

  section(key: string): KubeconfigFields | undefined {
    const value = this.value[key] ?? undefined
    if (value === undefined) return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fault(key, 'must be a map')
    return new KubeconfigFields({ ...value }, { path: `${this.#path}.${key}`, directory: this.#directory })
  }

  /** An absolute path. */
  file(key: string): string | undefined {
    const path = this.text(key)
    return path === undefined ? undefined : this.absolute(path)
  }

  absolute(path: string): string {
    return isAbsolute(path) ? path : join(this.#directory, path)
  }

  /** A certificate or key: `key`-data if present, else the file in `key`. */
  material(key: string): Material {
    const data = this.text(`${key}-data`)
    const file = this.file(key)
    if (data !== undefined || file === undefined) return { data, file: undefined }
    try {
      return { data: readFileSync(file).toString('base64'), file }
    } catch (error) {
      this.fault(key, `cannot be read: ${error instanceof Error ? error.message : error}`)
      return { data: undefined, file }
    }
  }
}
