import type { Flags } from '../lib/arguments.ts'
import { LEVELS } from '../model/level.ts'
import { colorChoices } from './color.ts'

/** How entries can be shown. */
export const outputs = ['text', 'wide', 'json', 'yaml'] as const

/** Of the commands that show entries: which pods. */
export const selectorFlags = {
  selector: {
    type: 'string',
    short: 'l',
    value: 'SELECTOR',
    multiple: true,
    help: "pods whose labels match: app=web,tier!=cache · 'app in (web,api)' · '!canary'",
  },
  labels: { type: 'string', value: 'SELECTOR', multiple: true, help: 'the same as --selector' },
  annotations: {
    type: 'string',
    short: 'A',
    value: 'SELECTOR',
    multiple: true,
    help: 'pods whose annotations match: the same grammar',
  },
} as const satisfies Flags

/** Of these commands: from which level on. */
export const levelFlags = {
  'min-level': {
    type: 'string',
    value: 'LEVEL',
    choices: LEVELS,
    help: `entries of this level or above (${LEVELS.join(', ')}), and those without one`,
  },
} as const satisfies Flags

/** Of these commands: in what form. */
export const outputFlags = {
  output: {
    type: 'string',
    short: 'o',
    value: 'FORMAT',
    choices: outputs,
    help: 'text (default), wide, yaml, or json: each entry unchanged',
  },
  color: { type: 'string', value: 'WHEN', choices: colorChoices, help: 'auto (default), always or never' },
  utc: { type: 'boolean', help: "times in UTC, not in this machine's time zone" },
} as const satisfies Flags
