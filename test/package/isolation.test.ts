import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CORE, packagesLoadedBy } from './loaded.ts'

const cwd = fileURLToPath(new URL('../../', import.meta.url))
const load = (subpath: string, after?: string) =>
  packagesLoadedBy(subpath, {
    cwd,
    conditions: ['@intermodal/source'],
    ...(after === undefined ? {} : { after }),
  })

describe('importing', () => {
  it('intermodal loads zod and small utilities only', async () => {
    const loaded = await load('intermodal')
    expect(loaded).toContain('zod')
    expect(loaded.filter((name) => !CORE.includes(name))).toEqual([])
  })

  it('intermodal/simulated loads nothing that core does not', async () => {
    const loaded = await load('intermodal/simulated')
    expect(loaded).toContain('zod')
    expect(loaded.filter((name) => !CORE.includes(name))).toEqual([])
  })

  it('intermodal/swarm loads no other client library', async () => {
    const loaded = await load('intermodal/swarm')
    expect(loaded).toContain('zod')
    expect(loaded).not.toContain('undici')
    expect(loaded).not.toContain('@kubernetes/client-node')
  })

  it('intermodal/testing loads no test runner and no client library', async () => {
    const loaded = await load('intermodal/testing')
    expect(loaded).toContain('zod')
    for (const name of ['vitest', 'dockerode', 'undici', '@kubernetes/client-node']) {
      expect(loaded).not.toContain(name)
    }
  })
})
