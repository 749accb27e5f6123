import type { ContainerRef } from '../model/container-ref.ts'

/** Bytes: the kubelet cuts a link's name at this length before it adds `.log`. Source: kubelet, legacy.go, `ext4MaxFileNameLen`. */
const LINK_NAME_BYTES = 251

/**
 * Finds the container of a file in `/var/log/containers` from its name and its link's target.
 *
 * The target takes precedence: it has all names in full, the uid and the restart count; the link's name may be cut off.
 * Returns undefined if neither is the path of a container log.
 */
export function parseLogPath(linkName: string, target: string | undefined): ContainerRef | undefined {
  const fromLink = parseLinkName(linkName)
  const fromTarget = target === undefined ? undefined : parsePodLogPath(target)
  if (fromTarget === undefined) return fromLink && { ...fromLink, uid: undefined, restartCount: undefined }
  return { ...fromTarget, containerID: containerIDOf(linkName, fromTarget) }
}

/** `<pod>_<namespace>_<container>-<id>.log`: names contain no underscore, and the id no dash. */
function parseLinkName(linkName: string) {
  const base = linkName.endsWith('.log') ? linkName.slice(0, -4) : undefined
  const [pod, namespace, rest, ...more] = base?.split('_') ?? []
  if (!pod || !namespace || !rest || more.length > 0) return undefined
  if (!isName(pod) || !isName(namespace)) return undefined
  const dash = rest.lastIndexOf('-')
  const isCut = Buffer.byteLength(base ?? '') >= LINK_NAME_BYTES
  const hasID = dash > 0 && dash < rest.length - 1 && (!isCut || /^[0-9a-f]+$/.test(rest.slice(dash + 1)))
  if (!hasID && !isCut) return undefined
  const container = hasID ? rest.slice(0, dash) : rest.replace(/-$/, '')
  return isName(container)
    ? { pod, namespace, container, containerID: hasID ? rest.slice(dash + 1) : undefined }
    : undefined
}

/** `…/<namespace>_<pod>_<uid>/<container>/<restart>.log`; a static pod's uid may be any text. */
function parsePodLogPath(path: string) {
  const [file, container, directory] = path.split('/').reverse()
  const [namespace, pod, ...uid] = directory?.split('_') ?? []
  const restart = /^(\d+)\.log$/.exec(file ?? '')?.[1]
  if (!namespace || !pod || uid.length === 0 || uid[0] === '' || !container || restart === undefined) return undefined
  if (!isName(namespace) || !isName(pod) || !isName(container)) return undefined
  return { namespace, pod, container, uid: uid.join('_'), restartCount: Number(restart) }
}

/** The id: the part of the link's name after the names that the target has in full; undefined if it was cut off before. */
function containerIDOf(
  linkName: string,
  names: { pod: string; namespace: string; container: string },
): string | undefined {
  const prefix = `${names.pod}_${names.namespace}_${names.container}-`
  const id = linkName.startsWith(prefix) ? linkName.slice(prefix.length).replace(/\.log$/, '') : ''
  return id === '' ? undefined : id
}

/** DNS-1123 characters, with dots. The kubelet takes care of lengths. */
function isName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text)
}
