import { read, write } from 'node:fs'

// What `promisify` makes of these resolves with an object made anew, name by name, which costs as much as all else of a call in JavaScript.

/** Reads into `bytes` from the file's `position` on, in Node's thread pool. Resolves with the number of bytes; rejects with the system's error. */
export function readByThread(descriptor: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, 0, bytes.length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    )
  })
}

/** Writes `bytes` at the descriptor's own position, in Node's thread pool. Resolves with the number of bytes taken; rejects with the system's error. */
export function writeByThread(descriptor: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
