/** A command line whose process may have no more files open than that, if it is given; the shell becomes the process. */
export function limited(command: [string, ...string[]], descriptors: number | undefined): [string, ...string[]] {
  return descriptors === undefined ? command : ['sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...command]
}
