export const BACKSLASH: u32 = 0x5c

/** Whether the byte at `at`, in JSON string content that begins at `start`, belongs to the backslash before it. */
export function isEscaped(at: usize, start: usize): bool {
  let run = at
  while (run > start && load<u8>(run - 1) == BACKSLASH) run -= 1
  return ((at - run) & 1) == 1
}
