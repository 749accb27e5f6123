import { isObject, type JsonObject, textsOf } from '../../lib/json-object.ts'
import { kubernetesRow } from './rows.ts'
import { type Member, type Path, type ResourceRow, valueAt } from './schema.ts'

interface Owner {
  readonly kind: string
  readonly name: string
}

/** Each kind of owner has a place for its name; others stand at `other`. Those that own by way of another come first. */
export function ownerByKind(kinds: readonly (readonly [kind: string, path: Path])[], other: Path): ResourceRow {
  const places = new Map(kinds)
  return kubernetesRow({
    fields: ['owner'],
    paths: [...kinds.map(([, path]) => path), other],
    write(kubernetes) {
      const owner = ownerOf(kubernetes.owner)
      if (owner === undefined) return []
      const path = places.get(owner.kind)
      if (path === undefined) return [[other, owner]]
      const direct = directOwner(owner, kubernetes)
      const between = places.get(direct.kind)
      const members: Member[] = [[path, owner.name]]
      if (direct !== owner && between !== undefined) members.push([between, direct.name])
      return members
    },
    read(entry) {
      for (const [kind, path] of kinds) {
        const name = valueAt(entry, path)
        if (typeof name === 'string') return { owner: { kind, name } }
      }
      return { owner: ownerOf(valueAt(entry, other)) }
    },
  })
}

/** `Kind/name` of what Kubernetes itself calls the owner; the workload as people call it stands at `own` where that is another one. */
export function ownerAsText(path: Path, own: Path): ResourceRow {
  return kubernetesRow({
    fields: ['owner'],
    paths: [path, own],
    write(kubernetes) {
      const owner = ownerOf(kubernetes.owner)
      if (owner === undefined) return []
      const direct = directOwner(owner, kubernetes)
      const text = `${direct.kind}/${direct.name}`
      return [
        [path, text],
        [own, isSame(ownerIn(text), owner) ? undefined : owner],
      ]
    },
    read: (entry) => ({ owner: ownerOf(valueAt(entry, own)) ?? ownerIn(valueAt(entry, path)) }),
  })
}

/** What owns the pod itself: a Deployment's ReplicaSet, a CronJob's Job. The owner where the labels do not say. */
function directOwner(owner: Owner, { labels }: JsonObject): Owner {
  const texts = new Map(textsOf(labels))
  const hash = texts.get('pod-template-hash')
  const job = texts.get('batch.kubernetes.io/job-name') ?? texts.get('job-name')
  if (owner.kind === 'Deployment' && hash !== undefined) return { kind: 'ReplicaSet', name: `${owner.name}-${hash}` }
  if (owner.kind === 'CronJob' && job !== undefined) return { kind: 'Job', name: job }
  return owner
}

function ownerOf(value: unknown): Owner | undefined {
  if (!isObject(value)) return undefined
  const { kind, name } = value
  return typeof kind === 'string' && typeof name === 'string' ? { kind, name } : undefined
}

function ownerIn(text: unknown): Owner | undefined {
  if (typeof text !== 'string') return undefined
  const slash = text.indexOf('/')
  return slash < 0 ? undefined : { kind: text.slice(0, slash), name: text.slice(slash + 1) }
}

function isSame(a: Owner | undefined, b: Owner): boolean {
  return a?.kind === b.kind && a.name === b.name
}
