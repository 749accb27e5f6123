/**
 * Whether a container's log is to be read. `wait`: its pod is not known; the answer may change any time, and at the latest after
 * so many milliseconds.
 */
export type Admitted = { readonly kind: 'read' | 'exclude' } | { readonly kind: 'wait'; readonly forMs: number }
