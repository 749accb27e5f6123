/**
 * Test files that share a process, as patterns below `test/` without `.test.ts`: each file is in one suite. The processes run side by
 * side; those that wait more than they compute are apart from those that compute. `npm run test:quick` runs the rooms.
 */
export const suites = {
  'agent-faults': ['agent.{descriptors,faults,limits,links,turns}'],
  'agent-restart': ['agent.{cached-metadata,kubelet,multiline,node-end,own-pod,restart}'],
  'agent-sinks': ['agent.{acks,datadog,elasticsearch,holes,ids,loki,otlp,proxy,redaction,schema,splunk,tenants}'],
  agent: ['agent', 'agent/*'],
  api: ['api/server', 'telemetry/{metrics,server}'],
  browser: ['page/*'],
  checkpoint: ['checkpoint/!(checkpoint-store)', 'e2e/*'],
  commands: ['commands/*', 'docs-{commands,examples}', 'package'],
  kernel: ['kernel/differential'],
  property: ['property/*'],
  'rooms-of-formats': ['{config,entry,formats}/*', 'formats/{datadog,elasticsearch,loki,otlp,schemas,splunk}/*'],
  'rooms-of-lines': [
    '{bench,loss,kernel,lib,pipeline,redact,select,view}/!(differential)',
    '{docs,docs-cluster-commands,layers,suites,workflows}',
  ],
  'rooms-of-delivery': ['delivery/batch-delivery'],
  // All that loads the Kubernetes client, which costs 0.9 s of CPU.
  'rooms-of-kubernetes': ['{ask,kube,manifests,simulation}/*'],
  'rooms-of-source': ['source/!(descriptor-budget|file-wake|source)', 'checkpoint/checkpoint-store'],
  'rooms-of-http': ['delivery/http'],
  // These wait for most of the time.
  'rooms-of-transports': [
    'transports/*',
    'delivery/!(batch-delivery|http)',
    'gzip/*',
    'api/!(server)',
    'source/{descriptor-budget,file-wake,source}',
    'telemetry/!(metrics|server)',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>
