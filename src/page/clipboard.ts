/** False where the browser does not let a page copy. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch (error) {
    // Refused, or no clipboard at all: an address that is neither https nor this machine's has none.
    if (error instanceof DOMException || error instanceof TypeError) return false
    throw error
  }
}
