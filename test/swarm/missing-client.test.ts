import { swarm } from 'intermodal/swarm'
import { expect, it, vi } from 'vitest'
import { fakeEngine } from './fake-engine.ts'

vi.mock('dockerode', () => {
  throw Object.assign(new Error("Cannot find package 'dockerode'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })
})

it('names the package to install when the client library is missing', async () => {
  await using engine = await fakeEngine(() => {})
  await using adapter = swarm({ host: `unix://${engine.socketPath}` })
  const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY }
  await expect(adapter.nodes?.(call)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('dockerode'),
    remedy: 'npm install dockerode',
  })
})
