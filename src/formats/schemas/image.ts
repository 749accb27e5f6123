import { imageInParts, imageOfParts } from '../image.ts'
import { kubernetesRow } from './rows.ts'
import { type Path, type ResourceRow, valueAt } from './schema.ts'

/** An image's name, tags and digests apart. */
export function imageRow(paths: Readonly<Record<'name' | 'tags' | 'digests', Path>>): ResourceRow {
  return kubernetesRow({
    fields: ['image'],
    paths: [paths.name, paths.tags, paths.digests],
    write({ image }) {
      const { name, tags, digests } = imageInParts(image)
      return [
        [paths.name, name],
        [paths.tags, tags],
        [paths.digests, digests],
      ]
    },
    read(entry) {
      const [name, tags, digests] = [paths.name, paths.tags, paths.digests].map((path) => valueAt(entry, path))
      return { image: imageOfParts({ name, tags, digests }) }
    },
  })
}
