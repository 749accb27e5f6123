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

/** As OpenTelemetry has it: tags and digests are lists, undefined where there are none. Nothing for what is no text. */
export function imageInParts(image: unknown) {
  if (typeof image !== 'string') return {}
  const { name, tag, digest } = parseImage(image)
  return {
    name,
    tags: tag === '' ? undefined : [tag],
    digests: digest === '' ? undefined : [`${name}@${digest}`],
  }
}

/** The inverse; undefined without a name. */
export function imageOfParts({ name, tags, digests }: Readonly<Record<'name' | 'tags' | 'digests', unknown>>) {
  if (typeof name !== 'string') return undefined
  return textOfImage({ name, tag: firstOf(tags), digest: firstOf(digests).slice(name.length + 1) })
}

function firstOf(list: unknown): string {
  return Array.isArray(list) && typeof list[0] === 'string' ? list[0] : ''
}
