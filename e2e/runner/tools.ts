import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { kubectlCommand } from '../support/kubectl.ts'

const INSTALL = {
  docker: 'Docker builds the image and runs the nodes of kind: https://docs.docker.com/engine/install/',
  kind: 'kind makes the cluster: https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  helm: 'Helm installs the chart, unless HELM names it: https://helm.sh/docs/intro/install/',
  kubectl: 'kubectl talks to the cluster, 1.20 or later: https://kubernetes.io/docs/tasks/tools/#kubectl',
}

export type Tool = keyof typeof INSTALL

/** For each tool that the `PATH` lacks, what it is for and where it is to be had. `KUBECTL` may stand for kubectl. */
export function missingTools(tools: readonly Tool[], env: NodeJS.ProcessEnv): string[] {
  return tools.flatMap((tool) => {
    const command = { kubectl: kubectlCommand(env)[0], helm: env.HELM ?? 'helm', docker: 'docker', kind: 'kind' }[tool]
    return isThere(command, env.PATH ?? '') ? [] : [`${command} is missing. ${INSTALL[tool]}`]
  })
}

function isThere(command: string, path: string): boolean {
  const candidates = command.includes('/') ? [command] : path.split(delimiter).map((folder) => join(folder, command))
  return candidates.some(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
