import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE_BYTES = 8
/** RGB, a byte each, as Chromium writes screenshots. */
const PIXEL_BYTES = 3
const MOST_COLORS = 256

/** The same picture with its most frequent colours only: a third of the size. Source: https://www.w3.org/TR/png-3/. */
export function indexedPng(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const header = Buffer.from(chunks.find(({ type }) => type === 'IHDR')?.data ?? [])
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  if (header.readUInt16BE(8) !== 0x0802) throw new Error('not a picture of 8-bit RGB')
  const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  const pixels = unfiltered(inflateSync(data), width * PIXEL_BYTES)
  const { palette, indexes } = quantized(pixels)
  const rows = Array.from({ length: height }, (_, row) => [
    Buffer.of(0),
    indexes.subarray(row * width, (row + 1) * width),
  ])
  header.writeUInt16BE(0x0803, 8)
  return Buffer.concat([
    png.subarray(0, SIGNATURE_BYTES),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(Buffer.concat(rows.flat()), { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks = []
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}

function unfiltered(raw: Buffer, rowBytes: number): Buffer {
  const height = raw.length / (rowBytes + 1)
  const out = Buffer.alloc(height * rowBytes)
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (rowBytes + 1)] ?? 0
    for (let x = 0; x < rowBytes; x += 1) {
      const at = row * rowBytes + x
      const left = x < PIXEL_BYTES ? 0 : (out[at - PIXEL_BYTES] ?? 0)
      const up = row === 0 ? 0 : (out[at - rowBytes] ?? 0)
      const corner = row === 0 || x < PIXEL_BYTES ? 0 : (out[at - rowBytes - PIXEL_BYTES] ?? 0)
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
      out[at] = (raw[row * (rowBytes + 1) + 1 + x] ?? 0) + guess
    }
  }
  return out
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function quantized(pixels: Buffer): { palette: Buffer; indexes: Buffer } {
  const counts = new Map<number, number>()
  const colors = Array.from({ length: pixels.length / PIXEL_BYTES }, (_, index) => pixels.readUIntBE(index * 3, 3))
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1)
  const weight = ([color, count]: readonly [number, number]) => count * (1 + chroma(color) / 16)
  const byWeight = [...counts].sort((a, b) => weight(b) - weight(a)).map(([color]) => color)
  const chosen = byWeight.slice(0, MOST_COLORS)
  const indexOf = new Map(byWeight.map((color) => [color, nearest(chosen, color)]))
  const palette = Buffer.alloc(chosen.length * 3)
  for (const [index, color] of chosen.entries()) palette.writeUIntBE(color, index * 3, 3)
  return { palette, indexes: Buffer.from(colors.map((color) => indexOf.get(color) ?? 0)) }
}

/** A word in a colour has fewer pixels than all the greys, and would become one of them. */
function chroma(color: number): number {
  const parts = [16, 8, 0].map((shift) => (color >> shift) & 255)
  return Math.max(...parts) - Math.min(...parts)
}

function nearest(chosen: readonly number[], color: number): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  chosen.forEach((candidate, index) => {
    const distance = [16, 8, 0].reduce(
      (sum, shift) => sum + (((candidate >> shift) & 255) - ((color >> shift) & 255)) ** 2,
      0,
    )
    if (distance < least) [best, least] = [index, distance]
  })
  return best
}
