import type { Level } from '../../../src/model/level.ts'

/** A word that programs use for a level, and where it counts. */
export interface LevelWord {
  readonly level: Level
  /** `core`, `plain`: wherever a level may stand, or there but not first. Others: see src/pipeline/level.ts. */
  readonly kind: 'core' | 'plain' | 'common' | 'short' | 'log' | 'mysql' | 'dotnet'
}

const TABLE = `
core trace trace|core debug debug|core info info|core warn warn warning|core error error severe|core fatal fatal critical
plain trace trce|plain debug dbug|plain info notice|plain error err crit alert panic dpanic|plain fatal emerg emergency
common trace finest|common debug verbose fine finer config|common info information informational
short trace trc vrb trac|short debug dbg debu|short info inf|short warn wrn|short error erro eror|short fatal ftl fata pnc pani
log info log|mysql info note system|dotnet error fail`

export const levelWords: ReadonlyMap<string, LevelWord> = new Map(
  TABLE.trim()
    .split(/[|\n]/)
    .flatMap((row) => {
      const [kind, level, ...words] = row.split(' ') as [LevelWord['kind'], Level, ...string[]]
      return words.map((word) => [word, { kind, level }] as const)
    }),
)

const words = (text: string) => new Set(text.split(' '))

export const levelNames = words(
  'level severity lvl levelname loglevel log_level log.level severity_text severitytext @l',
)

export const days = words(
  'jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun am pm utc gmt cet cest est edt cst cdt pst pdt msk jst ist bst',
)
