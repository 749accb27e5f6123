import { type FSWatcher, watch } from 'node:fs'

/** Called with whether a name came or went (a rotation, perhaps) rather than only bytes. */
export type FileListener = (isRename: boolean) => void

/** inotify watches on folders, one for each folder, shared by the files in it. */
export class DirectoryWatches {
  readonly #watched = new Map<string, { watcher: FSWatcher; listeners: Map<string, Set<FileListener>> }>()

  /** Calls `listener` whenever that file changes. Throws what the system says (ENOSPC, EMFILE: no watch is left). */
  add(directory: string, name: string, listener: FileListener): void {
    const { listeners } = this.#watched.get(directory) ?? this.#watch(directory)
    const ofName = listeners.get(name) ?? new Set()
    listeners.set(name, ofName.add(listener))
  }

  remove(directory: string, name: string, listener: FileListener): void {
    const watched = this.#watched.get(directory)
    const ofName = watched?.listeners.get(name)
    ofName?.delete(listener)
    if (ofName?.size === 0) watched?.listeners.delete(name)
    if (watched?.listeners.size !== 0) return
    watched.watcher.close()
    this.#watched.delete(directory)
  }

  #watch(directory: string) {
    const listeners = new Map<string, Set<FileListener>>()
    const watcher = watch(directory, (event, name) => {
      for (const listener of listeners.get(name ?? '') ?? []) listener(event === 'rename')
    })
    // The files are looked at from time to time in any case, so a watch that fails costs only promptness.
    watcher.on('error', () => watcher.close())
    const watched = { watcher, listeners }
    this.#watched.set(directory, watched)
    return watched
  }
}
