/** The text of a kubeconfig with one cluster and one user, as YAML that is JSON. */
export function kubeconfig(cluster: object, user: object, name = 'here'): string {
  return JSON.stringify({
    'current-context': name,
    clusters: [{ name, cluster }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user }],
  })
}
