import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { type AppInput, connect, defineApp, type GroupInput } from 'intermodal'
import { type MarathonNative, marathon } from 'intermodal/marathon'
import { createWorld } from 'intermodal/simulated'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { translate } from '../../adapters/marathon/translate.ts'
import { fakeMarathon } from '../fakes/index.ts'
import { MARATHON } from './data.ts'
import { type Answerer, json, serve } from './server.ts'

const file = new URL('../../examples/shop.yaml', import.meta.url)
const shop = parse(readFileSync(file, 'utf8')) as {
  group: `/${string}`
  apps: Record<string, object>
  configs: Record<string, { value: string }>
  secrets: Record<string, { value: string }>
}
const apps = Object.entries(shop.apps).map(([name, input]) =>
  defineApp({
    ...input,
    id: `${shop.group}/${name}`,
    dependsOn: Object.fromEntries(
      Object.entries((input as AppInput).dependsOn ?? {}).map(([id, when]) => [
        `${shop.group}/${id}`,
        when,
      ]),
    ),
  } as AppInput),
)

/** The admin router of DC/OS: a secret store next to Marathon, on one address. */
async function router(marathon: string) {
  const kept = new Map<string, string>()
  const answer: Answerer = async ({ method, url, headers, body }, response) => {
    const at = url.split('/secrets/v1/secret/default/')[1]
    if (at === undefined) {
      const upstream = await fetch(`${marathon}${url}`, {
        method,
        headers: { accept: headers.accept ?? '*/*', 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body }),
      })
      response.writeHead(upstream.status, {
        'content-type': upstream.headers.get('content-type') ?? '',
      })
      response.flushHeaders()
      for await (const chunk of upstream.body ?? []) response.write(chunk)
      response.end()
    } else if (method === 'GET') {
      if (kept.has(at)) json(response, 200, { value: kept.get(at) })
      else json(response, 404, { message: `Secret ${at} not found` })
    } else {
      kept.set(at, JSON.parse(body).value)
      response.writeHead(201).end()
    }
  }
  return { ...(await serve(answer)), kept }
}

/** The published schemas do not know them; the RAML of the same versions does. */
function withoutSecretVolumes(native: MarathonNative): unknown {
  if (!('container' in native)) return native
  const volumes = native.container?.volumes?.filter(({ secret }) => secret === undefined)
  return { ...native, container: { ...native.container, ...(volumes ? { volumes } : {}) } }
}

describe('the example shop', () => {
  it.each(['1.5.15', '1.10.26'])('runs on Marathon %s with strict losses', (version) => {
    for (const app of apps) {
      const { losses } = translate(app, { version })
      expect(losses.filter(({ kind }) => kind !== 'approximated')).toEqual([])
    }
  })

  it.each(['1.4.13', '1.5.15', '1.7.236'])('is what the schema of %s takes', (version) => {
    const path = `${MARATHON}/json-schema/v${version}/AppDefinition.json`
    const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(path, 'utf8'))
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    for (const app of apps) {
      const { native }: { native: MarathonNative } = translate(app, { version })
      validate(withoutSecretVolumes(native))
      expect(validate.errors ?? []).toEqual([])
    }
  })

  it('comes up unchanged, in the order of what depends on what', async () => {
    const world = createWorld({ seed: 7, nodes: 3, clock: { speed: 60 } })
    await using fake = await fakeMarathon({ world })
    await using server = await router(fake.url)
    await using client = connect(
      marathon({ url: server.url, clock: world.clock, secrets: 'dcos', pollBusy: 500 }),
      { name: 'shop', timeout: '20m' },
    )
    const values = (from: Record<string, { value: string }>) =>
      Object.fromEntries(Object.entries(from).map(([name, { value }]) => [name, value]))
    const rollout = await client.applyGroup({
      group: shop.group,
      apps: shop.apps,
      secrets: values(shop.secrets),
      configs: values(shop.configs),
    } as GroupInput)
    const result = await rollout.result()
    expect([result.outcome, result.errors]).toEqual(['succeeded', {}])
    for (const app of apps) {
      const { effect, changes } = await client.plan(app)
      expect([app.id, effect, changes]).toEqual([app.id, 'none', []])
    }
    const states = []
    for (const { id } of apps) states.push([id, (await client.status(id))?.state])
    expect(states).toEqual([
      ['/shop/store', 'running'],
      ['/shop/migrate', 'completed'],
      ['/shop/api', 'running'],
      ['/shop/web', 'running'],
    ])
    expect([...server.kept.keys()].sort()).toEqual(['configs/banner', 'store-password'])
  })
})
