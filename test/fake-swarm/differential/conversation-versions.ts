import type { Conversation } from './conversations.ts'
import { service } from './specs.ts'
import type { Talk } from './talk.ts'

const LATER = {
  replicas: 0,
  container: {
    Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }],
    CapabilityAdd: ['CAP_NET_ADMIN'],
    CapabilityDrop: ['CAP_CHOWN'],
    Sysctls: { 'net.core.somaxconn': '1024' },
  },
  task: {
    Resources: { Limits: { NanoCPUs: 500e6, Pids: 50 } },
    Placement: { MaxReplicas: 3 },
  },
}

/** What of a spec was taken from a client that speaks this version, and what it is told of it. */
async function taken(talk: Talk, version: string): Promise<void> {
  const name = `diff-v${version.replace('.', '-')}`
  const spec = { ...service('up', LATER), Name: name }
  await talk.ask('POST', `/v${version}/services/create`, spec)
  const filters = encodeURIComponent(JSON.stringify({ name: [name] }))
  await talk.ask('GET', `/v${version}/services?status=true&filters=${filters}`)
  const index = await talk.version(name)
  await talk.ask('POST', `/v${version}/services/${name}/update?version=${index}`, spec)
  await talk.ask('GET', `/v${version}/services/${name}`)
  await talk.ask('DELETE', `/v${version}/services/${name}`)
}

export const versions: Readonly<Record<string, Conversation>> = {
  async 'older-versions'(talk) {
    for (const version of ['1.41', '1.40', '1.39', '1.30']) await taken(talk, version)
    talk.looksAway()
    for (const mode of [{ ReplicatedJob: {} }, { GlobalJob: {} }])
      await talk.ask('POST', '/v1.40/services/create', service('job', { mode, replicas: 0 }))
    await talk.ask('GET', '/v1.40/services?status=x')
    await talk.ask('GET', '/v1.41/services?status=x')
  },

  async 'versions-refused'(talk) {
    for (const version of ['1.12', '1.11', '1.42', '1.99', '2.0', '0.9', '1', '1.41.1', 'x'])
      await talk.ask('GET', `/v${version}/version`)
    await talk.ask('GET', '/v1.42/services')
    await talk.ask('POST', '/v1.42/services/create', service('none'))
    await talk.ask('GET', '/v1.99/_ping')
    await talk.ask('HEAD', '/v1.41/_ping')
  },
}
