import type { PodRecord } from '../model/pod-record.ts'

/** Set by the Job controller; the second one up to Kubernetes 1.26, and still. */
const JOB_LABELS = ['batch.kubernetes.io/job-name', 'job-name']

/**
 * Whether a pod belongs to a workload, by what the pod itself says: `Deployment/web`, and also its `ReplicaSet/web-7c5d9f`, or the Job of a
 * CronJob, which `owner` leaves out.
 */
export function isOwnedBy(workload: string, { owner, labels }: Pick<PodRecord, 'owner' | 'labels'>): boolean {
  if (owner === undefined) return false
  if (workload === `${owner.kind}/${owner.name}`) return true
  const hash = labels['pod-template-hash']
  // Source: the Deployment controller names its ReplicaSets `<deployment>-<pod-template-hash>`.
  if (owner.kind === 'Deployment') return hash !== undefined && workload === `ReplicaSet/${owner.name}-${hash}`
  const jobs = JOB_LABELS.flatMap((label) => labels[label] ?? [])
  return owner.kind === 'CronJob' && jobs.some((job) => workload === `Job/${job}`)
}
