/** Whether a container's log is read. `wait`: its pod is not known yet; ask again when that changes, or after `forMs` milliseconds. */
export type Admitted = { readonly kind: 'read' | 'exclude' } | { readonly kind: 'wait'; readonly forMs: number }
