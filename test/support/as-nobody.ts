/** Runs it without the rights of root, which no mode of a file stops. It must be done when it returns. */
export function asNobody<T>(act: () => T): T {
  if (process.getuid?.() !== 0) return act()
  process.setegid?.(65_534)
  process.seteuid?.(65_534)
  try {
    return act()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}
