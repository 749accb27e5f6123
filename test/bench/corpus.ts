import { BenchNode } from './bench-node.ts'
import type { CorpusRecipe } from './corpora.ts'
import { type LogBlock, logBlock } from './log-block.ts'
import { secondsOf } from './reference.ts'

/** Bytes. Too long for a processor to know by heart, and soon made. */
const BLOCK_BYTES = 4e6
const BLOCKS = 16

/** Log files on a node, and what is in them: rows of the same few blocks. */
export class Corpus {
  readonly node: BenchNode
  readonly paths: readonly string[]
  readonly byteCount: number
  readonly lines: number
  readonly entries: number

  private constructor(node: BenchNode, paths: readonly string[], written: readonly LogBlock[]) {
    const total = (count: (block: LogBlock) => number) => written.reduce((sum, block) => sum + count(block), 0)
    this.node = node
    this.paths = paths
    this.byteCount = total(({ bytes }) => bytes.length)
    this.lines = total(({ lines }) => lines)
    this.entries = total(({ entries }) => entries)
  }

  static async write({ runtime, files, writing }: CorpusRecipe, megabytes: number): Promise<Corpus> {
    const fileBytes = (megabytes * 1e6) / files
    const perFile = Math.ceil(fileBytes / BLOCK_BYTES)
    const blocks = Array.from({ length: BLOCKS }, (_, seed) =>
      logBlock(writing, { runtime, seed, byteCount: fileBytes / perFile }),
    )
    // An odd step meets each of the blocks before it meets one again.
    const rowOf = (file: number) =>
      Array.from({ length: perFile }, (_, place) => blocks[(file + place * (2 * file + 1)) % BLOCKS] as LogBlock)
    const node = await BenchNode.start(runtime)
    try {
      const containers = node.startContainers(files)
      for (const [file, { log }] of containers.entries()) for (const { bytes } of rowOf(file)) log.append(bytes)
      const paths = containers.map(({ logPath }) => logPath)
      // Or the disk is still at it while agents are measured.
      await secondsOf(['sync'], paths)
      return new Corpus(
        node,
        paths,
        containers.flatMap((_, file) => rowOf(file)),
      )
    } catch (error) {
      await node.close()
      throw error
    }
  }

  /** Removes it. */
  close(): Promise<void> {
    return this.node.close()
  }
}
