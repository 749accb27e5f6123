import type { ContainerRef } from '../../src/model/container-ref.ts'

/** For what needs a container and does not care which. */
export const someContainer: ContainerRef = {
  namespace: 'shop',
  pod: 'web-7c5d-x2x9z',
  container: 'app',
  uid: '2f1c0f3e-1a57-4b0d-9b57-8b6d2a6f0e11',
  restartCount: 0,
  containerID: undefined,
}
