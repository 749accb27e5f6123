/** Lines a second, unless a scenario wants another pace, and bytes in each. */
const LINES_PER_SECOND = 20_000
const LINE_BYTES = 100

/** Stands between the two copies of a line's number, so that a line which lost its middle, or is made of two, shows. */
const FILLER = 'x'.repeat(LINE_BYTES - 2 * 8 - 2)

/** Writes blocks until it is where the clock says it should be, so a stall is made up for and the average holds. */
const program = (linesPerSecond: number) => `
function seconds(  uptime) { getline uptime < "/proc/uptime"; close("/proc/uptime"); return uptime + 0 }
function isStopped(  line, found) { found = (getline line < "/control/stop"); close("/control/stop"); return found >= 0 }
BEGIN {
  start = seconds()
  while (!isStopped()) {
    while (n < ${linesPerSecond} * (seconds() - start))
      for (i = 0; i < ${Math.ceil(linesPerSecond / 40)}; i++) { n++; printf "%08d ${FILLER} %08d\\n", n, n }
    fflush()
    system("sleep 0.02")
  }
  print "end " n
  fflush()
  system("sleep 86400")
}`

/** The command that, run in the writer's pod, makes it write its last line, `end` and the number of the one before. */
export const stopCommand = ['touch', '/control/stop']

/** A pod that writes numbered lines at a steady pace until it is stopped, and then stays. */
export function writerPod({
  name,
  image,
  node,
  linesPerSecond = LINES_PER_SECOND,
}: {
  readonly name: string
  readonly image: string
  readonly node: string
  readonly linesPerSecond?: number
}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'writer', tier: 'load' } },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'writer',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['awk', program(linesPerSecond)],
          resources: { requests: { cpu: '50m', memory: '8Mi' }, limits: { memory: '32Mi' } },
          securityContext: { runAsNonRoot: true, runAsUser: 65534, readOnlyRootFilesystem: true },
          volumeMounts: [{ name: 'control', mountPath: '/control' }],
        },
      ],
      volumes: [{ name: 'control', emptyDir: {} }],
    },
  }
}

/** What a line of the writer says: its number, or that it is the last; undefined: it is not as it was written. */
export function parseWritten(line: string): { readonly number: number } | { readonly last: number } | undefined {
  const last = /^end (\d+)$/.exec(line)?.[1]
  if (last !== undefined) return { last: Number(last) }
  const number = line.slice(0, 8)
  return /^\d{8}$/.test(number) && line === `${number} ${FILLER} ${number}` ? { number: Number(number) } : undefined
}
