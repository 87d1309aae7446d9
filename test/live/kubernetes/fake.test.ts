import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from 'intermodal/simulated'
import { fakeKubernetes } from 'intermodal/testing'
import { expect, onTestFinished, test } from 'vitest'
import { deployment } from '../../fake-kubernetes/differential/specs.ts'
import { kubectl } from '../engine/kubernetes/cluster.ts'
import { clusters } from './cluster.ts'

const [{ kubectl: program } = { kubectl: 'kubectl' }] = clusters

test('kubectl works with the fake as with any other cluster', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'intermodal-fake-'))
  const world = createWorld({ clock: { speed: 20 } })
  await using fake = await fakeKubernetes({ world })
  onTestFinished(async () => {
    world.close()
    await rm(folder, { recursive: true, force: true })
  })
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, fake.kubeconfig)
  const run = (command: string, input?: object) =>
    kubectl({ kubeconfig, kubectl: program }, command.split(' '), input && JSON.stringify(input))
  expect(await run('apply -f -', deployment('web'))).toContain('deployment.apps/web created')
  expect(await run('rollout status deployment/web')).toContain('successfully rolled out')
  expect(await run('apply -f -', deployment('web'))).toContain('deployment.apps/web unchanged')
  expect(await run('scale deployment/web --replicas=3')).toContain('scaled')
  await run('rollout status deployment/web')
  expect(await run('get deployment web')).toMatch(/^NAME +READY +UP-TO-DATE.*\nweb +3\/3/)
  const [pod = ''] = (await run('get pods -o name')).split('\n')
  fake.log(pod.slice('pod/'.length), 'listening')
  expect(await run(`logs ${pod}`)).toBe('listening\n')
  expect(await run(`exec ${pod} -- echo hello`)).toBe('hello\n')
  expect(await run('delete deployment web')).toContain('deleted')
})
