import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CORE, packagesLoadedBy } from './loaded.ts'

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

describe('importing', () => {
  it.each(['intermodal', 'intermodal/simulated', 'intermodal/swarm', 'intermodal/testing'])(
    '%s loads zod and small utilities only',
    async (subpath) => {
      expect(await load(subpath)).toEqual(CORE)
    },
  )

  it('intermodal/swarm loads dockerode with its first call, and no other client library', async () => {
    const loaded = await load('intermodal/swarm', FIRST_CALL)
    expect(loaded).toContain('dockerode')
    expect(loaded).not.toContain('undici')
    expect(loaded).not.toContain('@kubernetes/client-node')
  })

  it('intermodal/marathon brings its stream parser, and loads undici with its first call', async () => {
    expect(await load('intermodal/marathon')).toEqual([...CORE, 'eventsource-parser'].sort())
    const loaded = await load('intermodal/marathon', FIRST_MARATHON_CALL)
    expect(loaded).toContain('undici')
    expect(loaded).not.toContain('dockerode')
  })
})
