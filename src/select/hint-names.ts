/** What the keys of Loggy's annotations begin with. */
export const HINT_PREFIX = 'loggy.io/'

/** The annotations with which pods can configure Loggy. A pod with both `exclude: "true"` and `include: "true"` is excluded. */
export const hints = {
  exclude: 'loggy.io/exclude',
  excludeContainers: 'loggy.io/exclude-containers',
  include: 'loggy.io/include',
  tenant: 'loggy.io/tenant',
  dataset: 'loggy.io/dataset',
  /** Or, with a point and a container's name behind it, for that container. */
  multiline: 'loggy.io/multiline',
  /** In the same way. */
  limit: 'loggy.io/limit',
} as const
