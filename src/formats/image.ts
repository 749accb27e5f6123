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

export function textOfImage({ name, tag, digest }: Image): string {
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}
