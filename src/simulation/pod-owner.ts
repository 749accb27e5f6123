import type { Random } from './random.ts'

/** As in `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller: true
  readonly blockOwnerDeletion: true
}

/** The fields that a workload's controller sets on its pods. */
export interface OwnedPod {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly owner: OwnerReference
}

/** The ReplicaSet of one rollout of a Deployment: each call returns another replica. */
export function deployment(random: Random, name: string): () => OwnedPod {
  const hash = random.nameSuffix(10)
  const owner = ownerReference(random, 'apps/v1', { kind: 'ReplicaSet', name: `${name}-${hash}` })
  return () => ({
    name: `${owner.name}-${random.nameSuffix(5)}`,
    labels: { 'pod-template-hash': hash },
    owner,
  })
}

/** The pods of a StatefulSet: an ordinal always has the same name. */
export function statefulSet(random: Random, name: string): (ordinal: number) => OwnedPod {
  const revision = `${name}-${random.nameSuffix(10)}`
  const owner = ownerReference(random, 'apps/v1', { kind: 'StatefulSet', name })
  return (ordinal) => ({
    name: `${name}-${ordinal}`,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      'controller-revision-hash': revision,
      'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
    },
    owner,
  })
}

/** The pods of a CronJob, one per run; a Job's name contains the minute (since 1970) for which it was scheduled. */
export function cronJob(random: Random, name: string): (scheduledMinute: number) => OwnedPod {
  return (scheduledMinute) => {
    const owner = ownerReference(random, 'batch/v1', { kind: 'Job', name: `${name}-${scheduledMinute}` })
    return {
      name: `${owner.name}-${random.nameSuffix(5)}`,
      labels: {
        'batch.kubernetes.io/controller-uid': owner.uid,
        'batch.kubernetes.io/job-name': owner.name,
        'controller-uid': owner.uid,
        'job-name': owner.name,
      },
      owner,
    }
  }
}

function ownerReference(random: Random, apiVersion: string, owner: { kind: string; name: string }): OwnerReference {
  return { apiVersion, ...owner, uid: random.uuid(), controller: true, blockOwnerDeletion: true }
}
