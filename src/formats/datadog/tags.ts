import { isObject, type JsonObject, textsOf } from '../../lib/json-object.ts'
import type { Resource } from '../../model/resource.ts'
import { parseImage } from '../image.ts'
import { serviceOf } from '../service.ts'

/** Unified service tagging: a label of the pod, and one for a container that goes before it. Source: docs.datadoghq.com, getting_started/tagging/unified_service_tagging */
const UNIFIED = 'tags.datadoghq.com/'
/** Labels that Kubernetes recommends. Source: docs.datadoghq.com, containers/kubernetes/tag, "Out-of-the-box tags". */
const APP = 'app.kubernetes.io/'
const APP_TAGS = {
  kube_app_name: 'name',
  kube_app_instance: 'instance',
  kube_app_version: 'version',
  kube_app_component: 'component',
  kube_app_part_of: 'part-of',
  kube_app_managed_by: 'managed-by',
}
/** The tag for a kind of owner. */
const OWNERS: Readonly<Record<string, string>> = {
  Deployment: 'kube_deployment',
  ReplicaSet: 'kube_replica_set',
  ReplicationController: 'kube_replication_controller',
  StatefulSet: 'kube_stateful_set',
  DaemonSet: 'kube_daemon_set',
  Job: 'kube_job',
  CronJob: 'kube_cronjob',
}
/** Where the image is not known. */
const SOURCE = 'kubernetes'

/** What Datadog keeps of a container beside the attributes. */
export interface Origin {
  readonly ddsource: string
  readonly ddtags: string
  readonly service: string
  readonly hostname: string
}

/** By the rules of Datadog's agent, as far as labels, annotations and the image tell. */
export function originOf({ fields, kubernetes }: Resource): Origin {
  const { namespace, pod, container, node, image, owner, labels } = kubernetes
  const label = Object.fromEntries(textsOf(labels))
  const unified = (name: string) => label[`${UNIFIED}${String(container)}.${name}`] ?? label[UNIFIED + name]
  const { name, tag } = parseImage(textOf(image))
  const short = name.slice(name.lastIndexOf('/') + 1)
  const stated = logConfigOf(kubernetes)
  const { cluster, ...others } = fields
  const tags = {
    ...others,
    env: unified('env') ?? fields.env,
    version: unified('version') ?? fields.version,
    kube_cluster_name: cluster,
    kube_namespace: namespace,
    pod_name: pod,
    kube_container_name: container,
    container_id: kubernetes.containerID,
    image_name: name,
    short_image: short,
    image_tag: tag,
    ...ownerTags(owner),
    ...Object.fromEntries(Object.entries(APP_TAGS).map(([key, of]) => [key, label[APP + of]])),
  }
  return {
    ddsource: stated.source ?? (short || SOURCE),
    ddtags: Object.entries(tags)
      .filter(([, value]) => typeof value === 'string' && value !== '')
      .map(([key, value]) => `${key}:${value}`.replace(/[,\s]+/g, '_'))
      .join(),
    service: unified('service') ?? stated.service ?? serviceOf(kubernetes)['service.name'] ?? textOf(container),
    hostname: textOf(node),
  }
}

function ownerTags(owner: unknown): Readonly<Record<string, string>> {
  if (!isObject(owner)) return {}
  const { kind, name } = owner
  if (typeof kind !== 'string' || typeof name !== 'string') return {}
  const tag = OWNERS[kind]
  return {
    kube_ownerref_kind: kind.toLowerCase(),
    kube_ownerref_name: name,
    ...(tag !== undefined && { [tag]: name }),
  }
}

/** `source` and `service` of annotation `ad.datadoghq.com/<container>.logs`, which Datadog's agent reads. Source: docs.datadoghq.com, containers/kubernetes/log */
function logConfigOf({ container, annotations }: JsonObject): { source?: string; service?: string } {
  const text = Object.fromEntries(textsOf(annotations))[`ad.datadoghq.com/${String(container)}.logs`]
  try {
    const [first] = text === undefined ? [] : JSON.parse(text)
    return Object.fromEntries(textsOf(first).filter(([, value]) => value !== ''))
  } catch {
    return {} // not for us to complain of: Datadog's agent does
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
