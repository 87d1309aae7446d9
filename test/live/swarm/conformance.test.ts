import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { AppId } from 'intermodal'
import { swarm } from 'intermodal/swarm'
import { conformance } from 'intermodal/testing'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { faultyProxy } from '../engine/faulty-proxy.ts'
import { IMAGE, NEXT_IMAGE, NO_IMAGE } from './cluster.ts'

const run = promisify(execFile)
const engine = inject('dockerHost')
const proxy = await faultyProxy(engine)
afterAll(() => proxy[Symbol.asyncDispose]())

/** So that a test takes seconds: instances stop at once, and count as soon as they run. */
const QUICK = {
  stop: { gracePeriod: '1s' },
  restart: { delay: '500ms' },
  update: { minReadyTime: '500ms' },
} as const
const HTTP = { ports: [{ name: 'http', containerPort: 8080 }] }
const probe = (path: string) => ({
  liveness: { type: 'http', path, interval: '500ms', timeout: '1s', failureThreshold: 2 } as const,
})

async function foreign(id: AppId): Promise<() => Promise<void>> {
  const name = id.slice(1).replaceAll('/', '_')
  await run('docker', ['--host', engine, 'service', 'create', '--detach', '--name', name, IMAGE])
  // The test takes it over, and what is taken over goes with the rest.
  return async () => {}
}

const { notRun } = await conformance(
  { describe, test: (name, body) => test(name, { timeout: 300_000 }, body), skip: test.skip },
  {
    name: 'swarm',
    connect: async () => swarm({ host: proxy.host, pollBusy: 200, pollQuiet: 1000 }),
    patience: 60_000,
    workloads: {
      good: { image: IMAGE, ...QUICK },
      next: { image: NEXT_IMAGE, ...QUICK },
      missing: { image: NO_IMAGE, ...QUICK },
      crashing: { image: IMAGE, ...QUICK, env: { CRASH_AFTER: '1' } },
      healthy: { image: IMAGE, ...QUICK, ...HTTP, probes: probe('/health') },
      unhealthy: { image: IMAGE, ...QUICK, ...HTTP, probes: probe('/no-such-page') },
      finishing: { image: IMAGE, entrypoint: ['true'] },
      failing: { image: IMAGE, shell: 'exit 3' },
      placeless: { image: IMAGE, resources: { requests: { cpu: 512 } } },
      talking: { workload: { image: IMAGE, ...QUICK }, line: 'is starting' },
    },
    faults: {
      cut: async () => proxy.cut(),
      refuse: async () => asynchronous(proxy.refuse()),
      hang: async () => asynchronous(proxy.hang()),
      lose: async () => asynchronous(proxy.lose()),
    },
    foreign,
    commands: {
      echo: (text) => ['echo', text],
      exit: (code) => ['sh', '-c', `exit ${code}`],
    },
    nativePatch: { TaskTemplate: { ContainerSpec: { Hostname: 'shop-{{.Task.Slot}}' } } },
  },
)

function asynchronous(undo: () => void): () => Promise<void> {
  return async () => undo()
}

const { stdout: version } = await run('docker', [
  ...['--host', engine, 'version', '--format', '{{.Server.Version}}'],
])

test(`the engine is Docker ${version.trim()}`, () => {
  expect(version).toMatch(/^\d+\.\d+/)
})

test('all that Swarm cannot be asked for is what it does not have', () => {
  const reasons = notRun.map(({ group, reason }) => `${group}: ${reason}`)
  expect(reasons.filter((reason) => !reason.includes('capabilities'))).toEqual([])
})
