const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The bytes that the content of a (checked) JSON string stands for. */
export function unescapeString(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Buffer.from(JSON.parse(`"${decoder.decode(bytes.subarray(start, end))}"`))
}
