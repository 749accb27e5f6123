import type { Installation } from './installation.ts'

/** As much of a pod as the tests look at. */
export interface PodObject {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: { readonly nodeName: string }
  readonly status: {
    readonly phase: string
    readonly podIP?: string
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly name: string
  readonly restartCount: number
  readonly containerID?: string
}

/** A pod of the installation's namespace as the API has it. */
export async function podNamed(installation: Installation, name: string): Promise<PodObject> {
  return JSON.parse(await installation.kubectl('get', 'pod', name, '--output=json'))
}

/** Those that have the label. */
export async function podsWith(installation: Installation, selector: string): Promise<PodObject[]> {
  return JSON.parse(await installation.kubectl('get', 'pods', '--selector', selector, '--output=json')).items
}
