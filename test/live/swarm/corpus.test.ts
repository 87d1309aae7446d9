import { randomBytes } from 'node:crypto'
import { systemClock } from 'intermodal'
import type { SwarmNative } from 'intermodal/swarm'
import { describe, expect, inject, it } from 'vitest'
import { CAPABILITIES } from '../../../adapters/swarm/capabilities.ts'
import { Engine } from '../../../adapters/swarm/client.ts'
import { parseConnection } from '../../../adapters/swarm/connection.ts'
import { translate } from '../../../adapters/swarm/translate.ts'
import { Transport } from '../../../adapters/swarm/transport.ts'
import { TransportError } from '../../../adapters/swarm/transport-error.ts'
import type { ServiceSpec } from '../../../adapters/swarm/wire.ts'
import { appsIn, type CorpusApp } from '../../corpus/reading.ts'
import { call } from './cluster.ts'

type Rendered = CorpusApp & { readonly native: SwarmNative }

/** So many services at once. */
const ABREAST = 6
const NOWHERE = 'node.labels.intermodal.corpus==nowhere'

describe('every app of the corpus, on a real Swarm', () => {
  it('is taken, or was refused before anything is sent', async () => {
    await using scratch = await makeScratch()
    const all = await appsIn()
    const queue: Rendered[] = all.flatMap((one) => {
      if (!CAPABILITIES.kinds.includes(one.app.kind)) return []
      const { native, losses } = translate(one.app, { replicas: 0, apiVersion: scratch.version })
      return losses.some(({ kind }) => kind === 'refused') ? [] : [{ ...one, native }]
    })
    expect(queue.length).toBeGreaterThan(0.9 * all.length)
    const wrong: string[] = []
    const again: Rendered[] = []
    const next = async () => {
      for (let one = queue.pop(); one; one = queue.pop()) {
        const refusal = await scratch.refusalOf(one)
        // Two that want the same port of every node: one after the other, then.
        if (refusal?.includes('already in use')) again.push(one)
        // Plugins as services are for engines that run as experimental.
        else if (refusal && !refusal.includes('experimental')) wrong.push(refusal)
      }
    }
    await Promise.all(Array.from({ length: ABREAST }, next))
    for (const one of again) {
      const refusal = await scratch.refusalOf(one)
      if (refusal) wrong.push(refusal)
    }
    expect(wrong.sort()).toEqual([])
  })
})

/** One network, secret and config that stand for all, so that services are what is tried. */
async function makeScratch() {
  const transport = new Transport({ endpoint: parseConnection({ host: inject('dockerHost') }) })
  const engine = new Engine({ transport, clock: systemClock })
  const { signal } = call(120_000)
  const name = `corpus-${randomBytes(4).toString('hex')}`
  const data = Buffer.from('value').toString('base64')
  const network = await engine.createNetwork({ Name: name, Driver: 'overlay' }, signal)
  const secret = await engine.createSecret({ Name: name, Data: data }, signal)
  const config = await engine.createConfig({ Name: name, Data: data }, signal)
  let count = 0
  const standIn = ({ TaskTemplate, ...rest }: ServiceSpec): ServiceSpec => {
    const { ContainerSpec, Networks, Placement, ...task } = TaskTemplate
    const mode = rest.Mode?.Replicated ? { Mode: { Replicated: { Replicas: 0 } } } : {}
    const { Secrets, Configs, ...container } = ContainerSpec ?? {}
    return {
      ...rest,
      ...mode,
      Name: `${name}-${++count}`,
      TaskTemplate: {
        ...task,
        Placement: { ...Placement, Constraints: [...(Placement?.Constraints ?? []), NOWHERE] },
        ...(Networks && {
          Networks: Networks.slice(0, 1).map((one) => ({ ...one, Target: network })),
        }),
        ...(ContainerSpec && {
          ContainerSpec: {
            ...container,
            ...(Secrets && {
              Secrets: Secrets.map((one) => ({ ...one, SecretID: secret, SecretName: name })),
            }),
            ...(Configs && {
              Configs: Configs.map((one) => ({ ...one, ConfigID: config, ConfigName: name })),
            }),
          },
        }),
      },
    }
  }
  return {
    version: await engine.apiVersion(signal),
    async refusalOf({ file, app, native }: Rendered): Promise<string | undefined> {
      try {
        const id = await engine.createService(standIn(native.service), undefined, signal)
        await engine.removeService(id, signal)
        return undefined
      } catch (error) {
        if (!(error instanceof TransportError)) throw error
        return `${file} ${app.id}: ${error.message}`
      }
    },
    async [Symbol.asyncDispose]() {
      await engine.removeSecret(secret, signal)
      await engine.removeConfig(config, signal)
      await engine.removeNetwork(network, signal)
      transport.destroy()
    },
  }
}
