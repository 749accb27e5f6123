import { kubernetesRow } from './rows.ts'
import { type Path, type ResourceRow, valueAt } from './schema.ts'

/** A container image's reference in parts; `tag` and `digest` are empty where it has none. */
export interface Image {
  readonly name: string
  readonly tag: string
  readonly digest: string
}

/** Source: https://github.com/distribution/reference. A colon before the last slash belongs to a port. */
export function parseImage(text: string): Image {
  const at = text.indexOf('@')
  const [tagged, digest] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
  const colon = tagged.lastIndexOf(':')
  const hasTag = colon > tagged.lastIndexOf('/')
  const image = hasTag
    ? { name: tagged.slice(0, colon), tag: tagged.slice(colon + 1), digest }
    : { name: tagged, tag: '', digest }
  // What is no reference stays a name.
  return textOfImage(image) === text ? image : { name: text, tag: '', digest: '' }
}

function textOfImage({ name, tag, digest }: Image): string {
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}

/** An image's name, tags and digests apart. */
export function imageInParts(paths: Readonly<Record<'name' | 'tags' | 'digests', Path>>): ResourceRow {
  return kubernetesRow({
    fields: ['image'],
    paths: [paths.name, paths.tags, paths.digests],
    write({ image }) {
      if (typeof image !== 'string') return []
      const { name, tag, digest } = parseImage(image)
      return [
        [paths.name, name],
        [paths.tags, tag === '' ? undefined : [tag]],
        [paths.digests, digest === '' ? undefined : [`${name}@${digest}`]],
      ]
    },
    read(entry) {
      const name = valueAt(entry, paths.name)
      if (typeof name !== 'string') return {}
      const tag = firstOf(valueAt(entry, paths.tags))
      const digest = firstOf(valueAt(entry, paths.digests)).slice(name.length + 1)
      return { image: textOfImage({ name, tag, digest }) }
    },
  })
}

function firstOf(list: unknown): string {
  return Array.isArray(list) && typeof list[0] === 'string' ? list[0] : ''
}
