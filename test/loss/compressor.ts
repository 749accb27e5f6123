import { parentPort } from 'node:worker_threads'
import { Compression } from '../../src/simulation/compression.ts'

// A thread that compresses the files whose paths it is sent, one after the other, and answers each when it is done.

parentPort?.on('message', (path: string) => {
  const compression = new Compression(path)
  compression.writeTemporary()
  compression.publish()
  compression.removeSource()
  compression.finish()
  parentPort?.postMessage(path)
})
