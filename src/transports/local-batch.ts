/** Maximum size in bytes of a batch that needs no network. With half of it short lines cost a fifth more: a turn fills four, and the rest of what was read is read again. With twice as much all need more memory. */
export const LOCAL_BATCH_BYTES = 2 << 20
