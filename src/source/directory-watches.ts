import { type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'

/** A change of a file: bytes were written, it was created, renamed or removed, or the watch ended because its folder is gone. */
export type FileEvent = 'bytes' | 'rename' | 'unwatched'

export type FileListener = (event: FileEvent) => void

/** inotify watches on folders: one per folder, shared by its files. */
export class DirectoryWatches {
  readonly #watched = new Map<string, { watcher: FSWatcher; listeners: Map<string, readonly FileListener[]> }>()

  /** Calls `listener` whenever that file changes. Throws the system's error (ENOSPC, EMFILE: no watch is left). */
  add(directory: string, name: string, listener: FileListener): void {
    const { listeners } = this.#watched.get(directory) ?? this.#watch(directory)
    listeners.set(name, [...(listeners.get(name) ?? []), listener])
  }

  remove(directory: string, name: string, listener: FileListener): void {
    const listeners = this.#watched.get(directory)?.listeners
    if (listeners === undefined) return
    const others = (listeners.get(name) ?? []).filter((other) => other !== listener)
    if (others.length > 0) listeners.set(name, others)
    else listeners.delete(name)
    if (listeners.size === 0) this.#drop(directory)
  }

  #watch(directory: string) {
    const listeners = new Map<string, readonly FileListener[]>()
    const watcher = watch(directory, (event, name) => {
      // The deletion of the folder is reported under its own name; then the watch is dead.
      if (event === 'rename' && name === basename(directory) && !listeners.has(name)) return this.#drop(directory)
      for (const listener of listeners.get(name ?? '') ?? []) listener(event === 'rename' ? 'rename' : 'bytes')
    })
    watcher.on('error', () => this.#drop(directory))
    const watched = { watcher, listeners }
    this.#watched.set(directory, watched)
    return watched
  }

  #drop(directory: string): void {
    const watched = this.#watched.get(directory)
    if (watched === undefined) return
    this.#watched.delete(directory)
    watched.watcher.close()
    for (const listeners of watched.listeners.values()) for (const listener of listeners) listener('unwatched')
  }
}
