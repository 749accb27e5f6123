import type { TailSelection } from '../model/tail-selection.ts'
import { terminalText } from '../view/terminal-text.ts'
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

/** What stands in place of entries where there are none: the reason, if the agent knows one. */
export function emptyText(selection: TailSelection | undefined): string {
  if (selection === undefined) return 'Nothing yet. Entries appear as they are written.'
  const { containers, excluded } = selection
  if (containers === 0) return 'No container matches now. Entries appear when there is one.'
  const all = containers === 1 ? 'The only container that matches is' : `All ${containers} containers that match are`
  return `${all} left out by ${Object.keys(excluded).map(terminalText).join(', ')}.`
}
