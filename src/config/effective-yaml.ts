import { Document, isCollection, isNode } from 'yaml'
import type { Origin } from './config-error.ts'
import { type Given, toTree } from './layer.ts'
import type { ResolvedConfig } from './load.ts'

const NOTES: Readonly<Record<Origin, string | undefined>> = {
  default: undefined,
  file: ' file',
  env: ' environment',
  flag: ' flag',
}

/** The configuration as YAML that can be loaded again, without its secrets, with a comment on each value that is not a default. */
export function effectiveYaml({ effective }: ResolvedConfig): string {
  const document = new Document(toTree(effective.map(hideSecrets)))
  for (const { option, from } of effective) {
    const node = document.getIn(option.path, true)
    // In flow style a list ends on the line of its key, where the comment is added.
    if (isCollection(node)) node.flow = true
    if (isNode(node)) node.comment = NOTES[from] ?? null
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function hideSecrets(given: Given): Given {
  if (!given.option.isSecret) return given
  const names = Object.keys(Object(given.raw))
  return { ...given, raw: Object.fromEntries(names.map((name) => [name, '(not shown)'])) }
}
