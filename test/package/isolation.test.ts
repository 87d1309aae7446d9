import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CORE, packagesLoadedBy, SUBPATHS } from './loaded.ts'

const cwd = fileURLToPath(new URL('../../', import.meta.url))
const load = (subpath: string, after = '') =>
  packagesLoadedBy(subpath, { cwd, conditions: ['@intermodal/source'], after })

const FIRST_CALL = `
  const signal = new AbortController().signal
  const adapter = module.swarm({ host: 'unix:///nowhere/docker.sock' })
  await adapter.observe('/shop/web', { signal, deadline: Infinity }).catch(() => {})
  await adapter[Symbol.asyncDispose]()
`

const FIRST_MARATHON_CALL = `
  const signal = new AbortController().signal
  const adapter = module.marathon({ url: 'http://127.0.0.1:9' })
  await adapter.observe('/shop/web', { signal, deadline: Infinity }).catch(() => {})
  await adapter[Symbol.asyncDispose]()
`

const FIRST_KUBERNETES_CALL = `
  const signal = new AbortController().signal
  const adapter = module.kubernetes({ kubeconfig: JSON.stringify({
    clusters: [{ name: 'none', cluster: { server: 'http://127.0.0.1:9' } }],
    users: [{ name: 'none', user: {} }],
    contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
    'current-context': 'none',
  }) })
  await adapter.observe('/shop/web', { signal, deadline: Infinity }).catch(() => {})
  await adapter[Symbol.asyncDispose]()
`

describe('importing', () => {
  it.each(SUBPATHS)(
    '%s loads zod and small utilities, and no client library',
    async (subpath, others) => {
      expect(await load(subpath)).toEqual([...CORE, ...others].sort())
    },
  )

  it('intermodal/swarm loads dockerode with its first call, and no other client library', async () => {
    const loaded = await load('intermodal/swarm', FIRST_CALL)
    expect(loaded).toContain('dockerode')
    expect(loaded).not.toContain('undici')
    expect(loaded).not.toContain('@kubernetes/client-node')
  })

  it('intermodal/marathon loads undici with its first call, and no other client library', async () => {
    const loaded = await load('intermodal/marathon', FIRST_MARATHON_CALL)
    expect(loaded).toContain('undici')
    expect(loaded).not.toContain('dockerode')
    expect(loaded).not.toContain('@kubernetes/client-node')
  })

  it('intermodal/kubernetes loads @kubernetes/client-node with its first call', async () => {
    const loaded = await load('intermodal/kubernetes', FIRST_KUBERNETES_CALL)
    expect(loaded).toContain('@kubernetes/client-node')
    expect(loaded).not.toContain('dockerode')
  })

  it.each([
    ['marathon', "{ id: '/web', cmd: 'sleep 100' }"],
    [
      'kubernetes',
      `{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      } }`,
    ],
  ])('intermodal/import reads what %s holds without a client library', async (from, native) => {
    const loaded = await load(
      'intermodal/import',
      `
        const source = { file: 'web.json', text: JSON.stringify(${native}) }
        const { apps, problems } = await module.importApps([source], { from: '${from}' })
        if (apps.length !== 1) throw new Error(JSON.stringify(problems))
      `,
    )
    expect(loaded).toContain('yaml')
    for (const library of ['undici', 'dockerode', '@kubernetes/client-node'])
      expect(loaded).not.toContain(library)
  })
})
