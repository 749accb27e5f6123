/** What is the same for all records of a container, as schema `loggy` has it. */
export interface Resource {
  /** The cluster's name and fixed fields, by name. */
  readonly fields: Readonly<Record<string, string>>
  /** What is known of pod and container. Members that are undefined are not there. */
  readonly kubernetes: Readonly<Record<string, unknown>>
}
