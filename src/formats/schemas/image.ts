import { parseImage, textOfImage } from '../image.ts'
import { kubernetesRow } from './rows.ts'
import { type Path, type ResourceRow, valueAt } from './schema.ts'

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
