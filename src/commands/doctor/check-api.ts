import type { Config } from '../../config/schema.ts'
import { ApiError } from '../../kube/api-error.ts'
import type { ApiReader } from '../../kube/client.ts'
import { faultOf } from '../../kube/kubelet-log.ts'
import { readList } from '../../kube/list.ts'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Milliseconds. The header has whole seconds; a clock further away confuses who compares times. */
const SKEW_MS = 5000

export interface ApiParts {
  readonly client: ApiReader
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Lists and watches what the agent would, once. */
export async function* checkApi({ enrich, kubernetes }: Config, parts: ApiParts): AsyncGenerator<Finding> {
  const { nodeName } = kubernetes
  if (enrich.from !== 'kubelet') yield* checkPods(nodeName, parts)
  if (enrich.namespaceLabels) yield await checkWatch('namespaces', {}, parts)
  if (enrich.nodeLabels) yield await checkWatch('nodes', { fieldSelector: `metadata.name=${nodeName}` }, parts)
}

async function* checkPods(nodeName: string, parts: ApiParts): AsyncGenerator<Finding> {
  const query = { fieldSelector: `spec.nodeName=${nodeName}` }
  try {
    const { count, date } = await list('pods', query, parts)
    yield count > 0
      ? ok('pods', `The API server lists ${count} pods of node ${nodeName}.`)
      : fail('pods', `The API server has no pod on a node ${nodeName}: set NODE_NAME or kubernetes.nodeName.`)
    yield await checkWatch('pods', query, parts)
    yield* checkClock(date, parts)
  } catch (error) {
    yield refused('pods', 'list', error)
  }
}

async function checkWatch(
  resource: string,
  query: Readonly<Record<string, string>>,
  { client, signal }: ApiParts,
): Promise<Finding> {
  const over = new AbortController()
  try {
    const watch = { watch: '1', resourceVersion: '0', timeoutSeconds: '1' }
    await client.get(`/api/v1/${resource}`, { ...query, ...watch }, AbortSignal.any([signal, over.signal]))
    return ok(resource, `The API server lets ${resource} be watched.`)
  } catch (error) {
    return refused(resource, 'watch', error)
  } finally {
    over.abort()
  }
}

async function list(resource: string, query: Readonly<Record<string, string>>, { client, signal }: ApiParts) {
  const { body, date } = await client.get(`/api/v1/${resource}`, { ...query, resourceVersion: '0' }, signal)
  const { items } = await readList(body, (object) => object)
  return { count: items.length, date }
}

function* checkClock(date: string | undefined, { clock }: ApiParts): Generator<Finding> {
  const skewMs = clock.now() - Date.parse(date ?? '')
  if (Number.isNaN(skewMs)) return
  const away = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the API server's`
  yield Math.abs(skewMs) < SKEW_MS
    ? ok('clock', "The node's clock agrees with the API server's.")
    : warn('clock', `The node's clock is ${away}: set up its time synchronisation; a backend may refuse such times.`)
}

const FOLDERS: Readonly<Record<string, string>> = {
  pods: 'rbac',
  namespaces: 'rbac/namespace-labels',
  nodes: 'rbac/node-labels',
}

function refused(resource: string, verb: string, error: unknown): Finding {
  const isForbidden = error instanceof ApiError && error.status.code === 403
  const remedy = isForbidden
    ? `kubectl apply -k ${FOLDERS[resource]}`
    : 'until it answers, entries have what an earlier run stored, or the metadata in their paths'
  return fail(resource, `The API server does not let ${resource} be ${verb}ed: ${describeError(error)}: ${remedy}.`)
}

/** Asks the kubelet for its pods, once. */
export async function checkKubelet(url: string, { client, signal }: ApiParts): Promise<Finding> {
  try {
    const { body } = await client.get('/pods', {}, signal)
    const { items } = await readList(body, (object) => object)
    return ok('kubelet', `The kubelet at ${url} gives ${items.length} pods, and its certificate is verified.`)
  } catch (error) {
    return fail('kubelet', `${url}: ${faultOf(error).message.replace('; retrying', '')}: ${describeError(error)}.`)
  }
}
