/** Maximum size in bytes of a batch that needs no network. With half of it short lines cost a tenth more, with twice as much all need more memory. */
export const LOCAL_BATCH_BYTES = 2 << 20
