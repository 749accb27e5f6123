/**
 * Test files that share a process, as patterns below `test/` without `.test.ts`: each file is in one suite. The processes run side by
 * side, so none should take half a minute alone. `npm run test:quick` runs the rooms.
 */
export const suites = {
  'agent-faults': ['agent.{descriptors,faults,links,turns}'],
  'agent-restart': ['agent.{own-pod,restart}'],
  'agent-sinks': ['agent.{acks,holes,ids,schema,tenants}'],
  agent: ['agent', 'agent/*'],
  api: ['api/server'],
  browser: ['page/*'],
  checkpoint: ['checkpoint/!(checkpoint-store)', 'e2e/*'],
  commands: ['commands/*'],
  kernel: ['kernel/differential'],
  property: ['property/*'],
  'rooms-of-lines': [
    '{bench,config,entry,formats,kernel,lib,pipeline,select,view}/!(differential)',
    'formats/schemas/*',
    '{layers,suites,workflows}',
  ],
  'rooms-of-delivery': ['{ask,delivery,transports}/*', 'api/!(server)'],
  'rooms-of-kubernetes': ['{kube,manifests,simulation}/*'],
  'rooms-of-source': ['source/*', 'checkpoint/checkpoint-store', 'telemetry/!(metrics|server)'],
  telemetry: ['telemetry/{metrics,server}'],
} as const satisfies Readonly<Record<string, readonly string[]>>
