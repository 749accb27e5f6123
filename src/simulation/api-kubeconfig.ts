/** The text of a kubeconfig file. `ca` is in PEM format; without it, the server is not verified. */
export function kubeconfigFor(
  url: string,
  { token, ca, namespace }: { token?: string | undefined; ca?: string; namespace?: string } = {},
): string {
  const trust = ca === undefined ? 'insecure-skip-tls-verify: true' : `certificate-authority-data: ${btoa(ca)}`
  return [
    'apiVersion: v1',
    'kind: Config',
    'current-context: simulation',
    'clusters:',
    `- {name: simulation, cluster: {server: "${url}", ${trust}}}`,
    'contexts:',
    `- {name: simulation, context: {cluster: simulation, user: loggy${namespace === undefined ? '' : `, namespace: ${namespace}`}}}`,
    'users:',
    `- {name: loggy, user: {${token === undefined ? '' : `token: "${token}"`}}}`,
    '',
  ].join('\n')
}
