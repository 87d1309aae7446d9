import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import type { MarathonNative } from 'intermodal/marathon'
import { describe, expect, it } from 'vitest'
import { workshop } from '../cli/cli.ts'
import { folderOf } from '../raml/checker.ts'
import { ApiTypes } from '../raml/library.ts'
import { problemsOf } from '../raml/validate.ts'
import { MARATHON } from './data.ts'

const EXAMPLES = ['shop.yaml', '08-group.yaml'].map((name) =>
  fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)),
)
/** Every sort of network and volume, and a sidecar, which makes a pod. */
const WIDE = `
group: /wide
apps:
  host:
    image: shop/host:1
    network: { mode: host }
    ports: [{ name: http, containerPort: 8080, hostPort: dynamic }]
  overlay:
    image: shop/overlay:1
    network: { mode: container, names: [backend] }
    ports: [{ name: http, containerPort: 8080, servicePort: 10080 }]
  keeper:
    kind: stateful
    image: shop/keeper:1
    volumes:
      data: { type: claim, mountPath: /data, size: 1Gi }
      logs: { type: host, path: /var/log, mountPath: /logs }
  pair:
    image: shop/pair:1
    ports: [{ name: http, containerPort: 8080 }]
    probes: { liveness: { type: http, port: http, path: /, interval: 5s } }
    sidecars: { proxy: { image: shop/proxy:1, args: [--fast] } }
`

async function rendered(
  version: string,
  files: readonly string[] = [...EXAMPLES, 'wide.yaml'],
): Promise<readonly MarathonNative[]> {
  const { cli } = await workshop({ 'wide.yaml': WIDE })
  const natives: MarathonNative[] = []
  for (const file of files) {
    const { code, stdout, stderr } = await cli(
      `render -f ${file} --to marathon --marathon-version ${version} --lenient -o json`,
    )
    expect([code, stderr]).toEqual([0, expect.any(String)])
    for (const { native } of JSON.parse(stdout)) natives.push(native)
  }
  expect(natives.length).toBeGreaterThan(6)
  return natives
}

/** The published schemas do not know them; the RAML of the same versions does. */
function withoutSecretVolumes(native: MarathonNative): unknown {
  if (!('container' in native)) return native
  const volumes = native.container?.volumes?.filter(({ secret }) => secret === undefined)
  return { ...native, container: { ...native.container, ...(volumes ? { volumes } : {}) } }
}

describe('what is rendered for Marathon', () => {
  it.each(['1.4', '1.5', '1.6', '1.7', '1.8', '1.9', '1.10', '1.11'])(
    'is what the RAML of %s takes',
    async (version) => {
      const types = new ApiTypes(folderOf(version))
      const natives = await rendered(version)
      const problems = natives.flatMap((native) =>
        problemsOf(types, 'containers' in native ? 'pod.Pod' : 'app.App', native),
      )
      expect(problems).toEqual([])
    },
  )

  // Sidecars are refused before 1.4, so that the examples have to do.
  it.each([
    ['1.1.7', EXAMPLES],
    ['1.3.14', EXAMPLES],
    ['1.4.13', undefined],
    ['1.5.15', undefined],
    ['1.7.236', undefined],
  ] as const)('is what the JSON Schema of %s takes', async (version, files) => {
    const path = `${MARATHON}/json-schema/v${version}/AppDefinition.json`
    const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(path, 'utf8'))
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    const apps = (await rendered(version, files)).filter((native) => !('containers' in native))
    const problems = apps.flatMap((native) => {
      validate(withoutSecretVolumes(native))
      return validate.errors ?? []
    })
    expect(problems).toEqual([])
  })

  it('is in the older form before 1.5, and in the newer one from then on', async () => {
    const [old, today] = await Promise.all([rendered('1.4'), rendered('1.5')])
    const keys = (natives: readonly MarathonNative[]) =>
      new Set(natives.filter((native) => !('containers' in native)).flatMap(Object.keys))
    expect([keys(old).has('networks'), keys(old).has('ipAddress')]).toEqual([false, true])
    expect([keys(today).has('networks'), keys(today).has('ipAddress')]).toEqual([true, false])
  })

  it('is for a version that there can be, and for Marathon only', async () => {
    const { cli } = await workshop({ 'wide.yaml': WIDE })
    const odd = await cli('render -f wide.yaml --to marathon --marathon-version new')
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('is no version')])
    const other = await cli('render -f wide.yaml --to swarm --marathon-version 1.4')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('nothing of swarm')])
  })
})
