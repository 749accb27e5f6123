import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { zshCompletion } from './zsh.ts'

/** Each shell, and what makes the script for it. */
export const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
export const shellNames = Object.keys(shells)
