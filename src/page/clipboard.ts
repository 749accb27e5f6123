/** False if the browser does not let a page copy. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch (error) {
    // Refused, or no clipboard: a page has one only over https or from this machine.
    if (error instanceof DOMException || error instanceof TypeError) return false
    throw error
  }
}
