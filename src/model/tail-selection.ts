/** Value of the header `prefer` with which the reader of a tail asks for the event `selection`. */
export const TAIL_PREFERENCE = 'selection'

/** Why the reader of a tail will see nothing: the event `selection` of `/api/tail`. */
export interface TailSelection {
  /** How many match now. */
  readonly containers: number
  /** How many of them are left out, by the option or annotation that decides it: all of them. */
  readonly excluded: Readonly<Record<string, number>>
}
