import { describe, expect, test } from 'vitest'
import { unexplained } from '../../fake-kubernetes/differential/allowed.ts'
import { differences } from '../../fake-kubernetes/differential/compare.ts'
import {
  conversations,
  hold,
  withoutPods,
} from '../../fake-kubernetes/differential/conversations.ts'
import { fakeEngine, realEngine } from '../../fake-kubernetes/differential/engine.ts'
import { writeRecording } from '../../fake-kubernetes/differential/recordings.ts'
import { clusters } from './cluster.ts'

/** `UPDATE_RECORDED=1` keeps what the server says, for the tests that have none. */
const keep = process.env.UPDATE_RECORDED === '1'

for (const { name: cluster, kubeconfig } of clusters) {
  const real = await realEngine(kubeconfig)
  const { text } = await real.ask({ method: 'GET', path: '/version' })
  const { gitVersion: engine } = JSON.parse(text) as { readonly gitVersion: string }
  const nodes = await real.ask({ method: 'GET', path: '/api/v1/nodes' })
  // Stand-ins are as quick as the nodes of the fake, and have the images nobody else has.
  const quick = nodes.text.includes('"kubeletVersion":"stand-in"')

  describe(`the fake Kubernetes beside ${cluster}`, () => {
    for (const [name, conversation] of Object.entries(quick ? conversations : withoutPods)) {
      test(`says the same: ${name}`, async () => {
        const heard = await hold(conversation, real)
        if (keep && quick) await writeRecording(name, { engine, ...heard })
        await using fake = await fakeEngine()
        expect(unexplained(differences(heard, await hold(conversation, fake)))).toEqual([])
      })
    }
  })
}
