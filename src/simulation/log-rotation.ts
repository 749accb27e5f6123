import { existsSync, renameSync, rmSync } from 'node:fs'
import { Compression } from './compression.ts'
import type { ContainerInstance } from './container-instance.ts'

/**
 * The kubelet's rotation of one log, step by step; `run` does all steps in their usual order.
 * Source: kubelet, `pkg/kubelet/logs/container_log_manager.go`, and the order seen on a real node.
 */
export class LogRotation {
  readonly #instance: ContainerInstance
  readonly #maxLogFiles: number
  #renamed: string | undefined

  constructor(instance: ContainerInstance, maxLogFiles: number) {
    this.#instance = instance
    this.#maxLogFiles = maxLogFiles
  }

  run(now: Date): void {
    this.removeLeftovers()
    this.removeOldest()
    for (const compression of this.compressions()) {
      compression.writeTemporary()
      compression.publish()
      compression.removeSource()
      compression.finish()
    }
    this.renameLog(now)
    this.reopenLog()
    this.closePreviousLog()
  }

  /** Removes files of an interrupted rotation. */
  removeLeftovers(): void {
    for (const path of this.rotated()) {
      if (path.endsWith('.tmp') || existsSync(`${path}.gz`)) rmSync(path)
    }
  }

  /** Makes room for the active file and the one that this rotation adds. */
  removeOldest(): void {
    const rotated = this.rotated()
    const excess = Math.max(0, rotated.length - (this.#maxLogFiles - 2))
    for (const path of rotated.slice(0, excess)) rmSync(path)
  }

  /** One per rotated file that is not compressed yet. */
  compressions(): Compression[] {
    return this.rotated()
      .filter((path) => !path.endsWith('.gz'))
      .map((path) => new Compression(path))
  }

  /** After this the name does not exist and the link leads nowhere; the runtime still writes to the renamed file. Returns its path. */
  renameLog(now: Date): string {
    return this.#rename(this.#freeName(now))
  }

  /** Instead of `renameLog`, in the order of kubernetes#139700: the file keeps a `.tmp` behind its name until `nameLog`. Returns its path. */
  setLogAside(now: Date): string {
    return this.#rename(`${this.#freeName(now)}.tmp`)
  }

  /** After the runtime has reopened the log that was set aside. Returns its path. */
  nameLog(): string {
    const aside = this.#renamed ?? ''
    this.#renamed = aside.replace(/\.tmp$/, '')
    renameSync(aside, this.#renamed)
    return this.#renamed
  }

  /** After this new lines go to a new file; `previousLog` of the instance still refers to the old one. */
  reopenLog(): void {
    this.#instance.reopenLog()
  }

  closePreviousLog(): void {
    this.#instance.closePreviousLog()
  }

  /** Instead of reopening: the kubelet does this if the runtime could not reopen, for example because the container has just ended. */
  renameBack(): void {
    if (this.#renamed !== undefined) renameSync(this.#renamed, this.#instance.logPath)
    this.#renamed = undefined
  }

  /** Paths of the rotated files, oldest first. */
  rotated(): string[] {
    return this.#instance.rotatedLogs()
  }

  #rename(to: string): string {
    renameSync(this.#instance.logPath, to)
    this.#renamed = to
    return to
  }

  #freeName(now: Date): string {
    const newest = this.rotated().at(-1) ?? ''
    const time = new Date(now)
    // The kubelet never rotates a log twice in a second; here a later second is used instead.
    while (this.#nameAt(time) <= newest.replace(/\.gz$/, '')) time.setSeconds(time.getSeconds() + 1)
    return this.#nameAt(time)
  }

  #nameAt(time: Date): string {
    return `${this.#instance.logPath}.${localTime(time)}`
  }
}

/** YYYYMMDD-HHMMSS in the machine's time zone, as in the kubelet's names of rotated files. */
export function localTime(time: Date): string {
  const digits = (value: number, length: number) => value.toString().padStart(length, '0')
  const date = digits(time.getFullYear(), 4) + digits(time.getMonth() + 1, 2) + digits(time.getDate(), 2)
  return `${date}-${digits(time.getHours(), 2)}${digits(time.getMinutes(), 2)}${digits(time.getSeconds(), 2)}`
}
