import type { FlowRate } from './flow.ts'
import { countText, exactText } from './quantity.ts'
import type { ConnectionState } from './tail-connection.ts'

/** The state of a tail. */
export interface TailState {
  readonly connection: ConnectionState
  /** Entries that arrived since the pause began; undefined if not paused. */
  readonly sincePause: number | undefined
  readonly rate: FlowRate
}

/** The status text above the entries. */
export function tailStatusText({ connection, sincePause, rate }: TailState): string {
  if (sincePause !== undefined && connection.kind === 'open')
    return `Paused: ${exactText(sincePause)} ${sincePause === 1 ? 'entry' : 'entries'} since`
  switch (connection.kind) {
    case 'connecting':
      return 'Connecting …'
    case 'refused':
      return 'Stopped: invalid filter'
    case 'lost':
      return `Disconnected, ${connection.reason}; next try in ${Math.round(connection.retryMs / 1000)} s`
    case 'open':
      return rateText(rate)
  }
}

function rateText({ matching, shown, isSampled }: FlowRate): string {
  if (isSampled && shown > 0)
    return `Showing 1 of ${countText(Math.max(2, Math.round(matching / shown)))}: ${countText(matching)} entries/s match`
  return matching === 0 ? 'Live: waiting for entries' : `Live: every entry, ${countText(matching)}/s`
}
