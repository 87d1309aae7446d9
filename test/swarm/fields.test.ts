import { readFileSync } from 'node:fs'
import { type App, type Loss, safeDefine } from 'intermodal'
import { describe, expect, it } from 'vitest'
import type { SwarmNative } from '../../adapters/swarm/native.ts'
import { mergePatch } from '../../adapters/swarm/patch.ts'
import { translate } from '../../adapters/swarm/translate.ts'

type Json = Readonly<Record<string, unknown>>

const http = { type: 'http', path: '/up', port: 8080 }
const exec = { type: 'exec', command: ['check'] }
const port = { name: 'http', containerPort: 8080 }

/** One app for each field of the model, with the field set to something that is not its default. */
const SAMPLES: Readonly<Record<string, Json>> = {
  '/kind': { kind: 'daemon' },
  '/replicas': { replicas: 3 },
  '/image': { image: 'other:2' },
  '/pullPolicy': { pullPolicy: 'never' },
  '/entrypoint': { entrypoint: ['run'] },
  '/entrypoint/0': { entrypoint: ['run'] },
  '/args': { args: ['--fast'] },
  '/args/0': { args: ['--fast'] },
  '/shell': { shell: 'run | cat' },
  '/workingDir': { workingDir: '/srv' },
  '/tty': { tty: true },
  '/env': { env: { A: '1' } },
  '/env/A': { env: { A: '1' } },
  '/env/B': { env: { B: { secret: 'db' } } },
  '/env/B/secret': { env: { B: { secret: 'db' } } },
  '/env/B/key': { env: { B: { secret: 'db', key: 'password' } } },
  '/env/C/config': { env: { C: { config: 'db' } } },
  '/env/D/field': { env: { D: { field: 'instance.ip' } } },
  '/files': { files: { '/a': { content: 'x' } } },
  '/files/~1a': { files: { '/a': { content: 'x' } } },
  '/files/~1a/content': { files: { '/a': { content: 'x' } } },
  '/files/~1a/mode': { files: { '/a': { content: 'x', mode: '0400' } } },
  '/files/~1a/secret': { files: { '/a': { secret: 'db' } } },
  '/files/~1a/key': { files: { '/a': { secret: 'db', key: 'password' } } },
  '/files/~1a/config': { files: { '/a': { config: 'app' } } },
  '/resources': { resources: { requests: { cpu: 1 } } },
  '/resources/requests': { resources: { requests: { cpu: 1 } } },
  '/resources/requests/cpu': { resources: { requests: { cpu: 1 } } },
  '/resources/requests/memory': { resources: { requests: { memory: '64Mi' } } },
  '/resources/requests/disk': { resources: { requests: { disk: '64Mi' } } },
  '/resources/limits': { resources: { limits: { cpu: 1 } } },
  '/resources/limits/cpu': { resources: { limits: { cpu: 1 } } },
  '/resources/limits/memory': { resources: { limits: { memory: '1Mi' } } },
  '/resources/limits/disk': { resources: { limits: { disk: '64Mi' } } },
  '/resources/gpus': { resources: { gpus: 1 } },
  '/security': { security: { user: 'www' } },
  '/security/user': { security: { user: 1000 } },
  '/security/group': { security: { user: 1000, group: 1001 } },
  '/security/privileged': { security: { privileged: true } },
  '/security/capabilities': { security: { capabilities: { add: ['NET_ADMIN'] } } },
  '/security/capabilities/add': { security: { capabilities: { add: ['NET_ADMIN'] } } },
  '/security/capabilities/add/0': { security: { capabilities: { add: ['NET_ADMIN'] } } },
  '/security/capabilities/drop': { security: { capabilities: { drop: ['ALL'] } } },
  '/security/capabilities/drop/0': { security: { capabilities: { drop: ['ALL'] } } },
  '/security/readOnlyRootFilesystem': { security: { readOnlyRootFilesystem: true } },
  '/security/noNewPrivileges': { security: { noNewPrivileges: true } },
  '/registryAuth': { registryAuth: { secret: 'registry' } },
  '/registryAuth/secret': { registryAuth: { secret: 'registry' } },
  '/registryAuth/key': { registryAuth: { secret: 'registry', key: 'docker' } },
  '/ports': { ports: [{ ...port, exposure: 'node' }] },
  '/ports/0': { ports: [{ ...port, exposure: 'node' }] },
  '/ports/0/containerPort': { ports: [{ ...port, exposure: 'node' }] },
  '/ports/0/hostPort': { ports: [{ ...port, hostPort: 80 }] },
  '/ports/0/servicePort': { ports: [{ ...port, servicePort: 80 }] },
  '/ports/0/protocol': { ports: [{ ...port, exposure: 'node', protocol: 'udp' }] },
  '/ports/0/exposure': { ports: [{ ...port, exposure: 'public' }] },
  '/ports/0/host': { ports: [{ ...port, exposure: 'public', host: 'shop.example' }] },
  '/ports/0/path': { ports: [{ ...port, exposure: 'public', path: '/shop' }] },
  '/network': { network: { aliases: ['www'] } },
  '/network/mode': { network: { mode: 'bridge' } },
  '/network/names': { network: { names: ['back'] } },
  '/network/names/0': { network: { names: ['back'] } },
  '/network/aliases': { network: { aliases: ['www'] } },
  '/network/aliases/0': { network: { aliases: ['www'] } },
  '/probes': { probes: { liveness: exec } },
  '/probes/liveness': { probes: { liveness: exec } },
  '/probes/readiness': { probes: { readiness: exec } },
  '/probes/startup': { probes: { startup: exec } },
  ...roles('type', http),
  ...roles('path', http),
  ...roles('port', { ...http, port: 8081 }),
  ...roles('host', { ...http, host: 'shop.example' }),
  ...roles('headers', { ...http, headers: { A: 'b' } }),
  ...roles('headers/A', { ...http, headers: { A: 'b' } }),
  ...roles('from', { ...http, from: 'scheduler' }),
  ...roles('service', { type: 'grpc', port: 8080, service: 'shop' }),
  ...roles('command', exec),
  ...roles('command/0', exec),
  ...roles('interval', { ...exec, interval: '3s' }),
  ...roles('timeout', { ...exec, timeout: '3s' }),
  ...roles('failureThreshold', { ...exec, failureThreshold: 2 }),
  ...roles('successThreshold', { ...exec, successThreshold: 2 }),
  ...roles('initialDelay', { ...exec, initialDelay: '3s' }),
  ...roles('startPeriod', { ...exec, startPeriod: '3s' }),
  '/volumes': volume({ type: 'empty' }),
  '/volumes/v': volume({ type: 'empty' }),
  '/volumes/v/type': volume({ type: 'tmpfs' }),
  '/volumes/v/mountPath': volume({ type: 'empty' }),
  '/volumes/v/readOnly': volume({ type: 'host', path: '/srv', readOnly: true }),
  '/volumes/v/size': volume({ type: 'empty', size: '1Gi' }),
  '/volumes/v/path': volume({ type: 'host', path: '/srv' }),
  '/volumes/v/name': volume({ type: 'named', name: 'shared' }),
  '/volumes/v/driver': volume({ type: 'named', driver: 'nfs' }),
  '/volumes/v/options': volume({ type: 'named', options: { a: 'b' } }),
  '/volumes/v/options/a': volume({ type: 'named', options: { a: 'b' } }),
  '/volumes/v/storageClass': volume({ type: 'claim', size: '1Gi', storageClass: 'fast' }),
  '/volumes/v/access': volume({ type: 'claim', size: '1Gi', access: 'many' }),
  '/volumes/v/config': volume({ type: 'config', config: 'app' }),
  '/volumes/v/secret': volume({ type: 'secret', secret: 'tls' }),
  '/placement': { placement: { pool: 'web' } },
  ...rules('require'),
  ...rules('prefer'),
  '/placement/spread': { placement: { spread: [{ by: 'zone' }] } },
  '/placement/spread/0': { placement: { spread: [{ by: 'zone' }] } },
  '/placement/spread/0/by': { placement: { spread: [{ by: 'zone' }] } },
  '/placement/spread/0/maxSkew': { placement: { spread: [{ by: 'zone', maxSkew: 1 }] } },
  '/placement/maxPerNode': { placement: { maxPerNode: 1 } },
  '/placement/pool': { placement: { pool: 'manager' } },
  '/placement/tolerations': { placement: { tolerations: [{ key: 'spot' }] } },
  '/update': { update: { maxSurge: 2 } },
  '/update/strategy': { update: { strategy: 'recreate' } },
  '/update/maxUnavailable': { update: { maxUnavailable: 2 } },
  '/update/maxSurge': { update: { maxSurge: '50%' } },
  '/update/batchSize': { update: { maxSurge: 3, batchSize: 2 } },
  '/update/batchDelay': { update: { batchDelay: '3s' } },
  '/update/minReadyTime': { update: { minReadyTime: '3s' } },
  '/update/maxFailureRatio': { update: { maxFailureRatio: 0.5 } },
  '/update/onFailure': { update: { onFailure: 'rollback' } },
  '/restart': { restart: { delay: '3s' } },
  '/restart/condition': { restart: { condition: 'onFailure' } },
  '/restart/delay': { restart: { delay: '3s' } },
  '/restart/factor': { restart: { factor: 2 } },
  '/restart/maxDelay': { restart: { maxDelay: '3m' } },
  '/restart/maxAttempts': { restart: { maxAttempts: 3 } },
  '/restart/window': { restart: { window: '3m' } },
  '/stop': { stop: { signal: 'SIGINT' } },
  '/stop/signal': { stop: { signal: 'SIGINT' } },
  '/stop/gracePeriod': { stop: { gracePeriod: '30s' } },
  '/stop/preStop': { stop: { preStop: ['bye'] } },
  '/stop/preStop/0': { stop: { preStop: ['bye'] } },
  '/stop/drainDelay': { stop: { drainDelay: '3s' } },
  '/sidecars': { sidecars: { log: { image: 'log:1' } } },
  '/init': { init: [{ name: 'first', image: 'init:1' }] },
  '/job': { kind: 'job', job: { completions: 2 } },
  '/job/completions': { kind: 'job', job: { completions: 2 } },
  '/job/parallelism': { kind: 'job', job: { completions: 2, parallelism: 2 } },
  '/job/deadline': { kind: 'job', job: { deadline: '1h' } },
  '/schedule': { kind: 'cron', schedule: { cron: '0 3 * * *' } },
  '/autoscale': { autoscale: { min: 1, max: 2, metrics: [{ type: 'cpu', utilization: 60 }] } },
  '/disruption': { disruption: { minAvailable: 1 } },
  '/disruption/minAvailable': { disruption: { minAvailable: 1 } },
  '/disruption/maxUnavailable': { disruption: { maxUnavailable: 1 } },
  '/onUnreachable': { onUnreachable: { replaceAfter: '1m' } },
  '/onUnreachable/replaceAfter': { onUnreachable: { replaceAfter: '1m' } },
  '/onUnreachable/expungeAfter': { onUnreachable: { replaceAfter: '1m', expungeAfter: '5m' } },
  '/labels': { labels: { tier: 'front' } },
  '/labels/tier': { labels: { tier: 'front' } },
  '/annotations': { annotations: { note: 'a b' } },
  '/annotations/note': { annotations: { note: 'a b' } },
  '/native': { native: { swarm: { TaskTemplate: { ContainerSpec: { Init: true } } } } },
  '/native/swarm': { native: { swarm: { TaskTemplate: { ContainerSpec: { Init: true } } } } },
}

function roles(field: string, probe: Json): Record<string, Json> {
  return Object.fromEntries(
    ['liveness', 'readiness', 'startup'].map((role) => [
      `/probes/${role}/${field}`,
      { probes: { [role]: probe } },
    ]),
  )
}

function volume(value: Json): Json {
  return { volumes: { v: { mountPath: '/data', ...value } } }
}

function rules(list: 'require' | 'prefer'): Record<string, Json> {
  const rule = { placement: { [list]: [{ attribute: 'zone', values: ['a'] }] } }
  const at = `/placement/${list}`
  return {
    [at]: rule,
    [`${at}/0`]: rule,
    [`${at}/0/attribute`]: rule,
    [`${at}/0/op`]: { placement: { [list]: [{ attribute: 'zone', op: 'notIn', values: ['a'] }] } },
    [`${at}/0/values`]: rule,
    [`${at}/0/values/0`]: rule,
  }
}

/** Named by one loss as a whole, so what is in them needs no row of its own. */
const AS_A_WHOLE = ['/sidecars', '/init', '/schedule', '/autoscale', '/placement/tolerations']

/** What Swarm does not have to do anything for, and who does. */
const NOT_SWARMS: Readonly<Record<string, string>> = {
  '/$schema': 'is for editors',
  '/id': 'is the name itself, see the tests of names',
  '/dependsOn': 'is the order in which core deploys a group',
  '/dependsOn/*': 'is the order in which core deploys a group',
  '/update/progressDeadline': 'is kept by the one who follows the rollout, in core',
  '/ports/*/name': 'is for probes and people; it is carried where the port is published',
  '/files/*/fromFile': 'is content by the time an app is one: the reader of app files fills it in',
  '/native/marathon': 'is for another engine',
  '/native/kubernetes': 'is for another engine',
}

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/** Every place an app can set, as the published schema knows them: `/volumes/*` + `/size`. */
function places(): string[] {
  const file = new URL('../../app.schema.json', import.meta.url)
  const root = JSON.parse(readFileSync(file, 'utf8')) as {
    definitions: Readonly<Record<string, Schema>>
  }
  const found = new Set<string>()
  const walk = (schema: Schema, at: string): void => {
    if (at.startsWith('/native/') && at.split('/').length > 3) return
    if (schema.$ref) {
      const target = root.definitions[schema.$ref.replace('#/definitions/', '')]
      if (!target) throw new Error(`the schema has no ${schema.$ref}`)
      walk(target, at)
      return
    }
    if (at !== '') found.add(at)
    for (const inner of [schema.anyOf, schema.oneOf, schema.allOf]) {
      for (const one of inner ?? []) walk(one, at)
    }
    for (const [key, inner] of Object.entries(schema.properties ?? {})) walk(inner, `${at}/${key}`)
    if (typeof schema.additionalProperties === 'object')
      walk(schema.additionalProperties, `${at}/*`)
    if (schema.items) walk(schema.items, `${at}/*`)
  }
  walk({ $ref: '#/definitions/app' }, '')
  return [...found].sort()
}

const RECORDS = /^(\/(?:env|files|volumes|labels|annotations|dependsOn)\/)[^/]+/

function pattern(pointer: string): string {
  return pointer
    .replace(RECORDS, '$1*')
    .replace(/^(\/volumes\/\*\/options\/)[^/]+/, '$1*')
    .replace(/(\/headers\/)[^/]+/, '$1*')
    .replace(/\/0(?=\/|$)/g, '/*')
}

const base = { id: '/shop/web', image: 'web:1' }

function define(input: object): App | undefined {
  const result = safeDefine(mergePatch(base, input))
  return 'app' in result ? result.app : undefined
}

/** The same app without the field, or without as much around it as has to go too. */
function without(sample: Json, pointer: string): App {
  let parts = pointer.slice(1).split('/')
  while (parts.length > 0) {
    const app = define(removed(sample, parts) as object)
    if (app) return app
    parts = parts.slice(0, -1)
  }
  return define({}) as App
}

function removed(value: unknown, [part, ...rest]: readonly string[]): unknown {
  if (part === undefined) return undefined
  const key = part.replaceAll('~1', '/')
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, index) => String(index) !== key)
      : value.map((entry, index) => (String(index) === key ? removed(entry, rest) : entry))
  }
  const { [key]: inner, ...others } = value as Json
  return rest.length === 0 ? others : { ...others, [key]: removed(inner, rest) }
}

/** Without what remembers the app rather than carrying it. */
function carried(native: SwarmNative): string {
  return JSON.stringify(native, (key, value: unknown) =>
    key === 'intermodal.memo' || key === 'intermodal.revision' ? undefined : value,
  )
}

function names(loss: Loss, pointer: string): boolean {
  return (
    loss.path === pointer ||
    pointer.startsWith(`${loss.path}/`) ||
    loss.path.startsWith(`${pointer}/`)
  )
}

describe('every field of the model', () => {
  it.each(Object.entries(SAMPLES))('%s is carried, or named by a loss', (pointer, sample) => {
    const app = define(sample)
    if (!app) throw new Error(`the sample for ${pointer} is no valid app`)
    const [plain, set] = [translate(without(sample, pointer)), translate(app)]
    const changed = carried(plain.native) !== carried(set.native)
    const named = set.losses.filter((loss) => names(loss, pointer))
    expect(changed || named.length > 0).toBe(true)
  })

  it('has a row here, or a reason not to', () => {
    const rows = new Set(Object.keys(SAMPLES).map(pattern))
    const missing = places().filter(
      (place) =>
        !rows.has(place) &&
        !(place in NOT_SWARMS) &&
        !AS_A_WHOLE.some((whole) => place.startsWith(`${whole}/`)),
    )
    expect(missing).toEqual([])
  })

  it('is still there: no row is about a field that is gone', () => {
    const known = new Set(places())
    const rows = [...Object.keys(SAMPLES).map(pattern), ...Object.keys(NOT_SWARMS)]
    expect(rows.filter((row) => !known.has(row))).toEqual([])
  })

  it('names losses by what was written, and says what to do about what is gone', () => {
    for (const sample of Object.values(SAMPLES)) {
      const app = define(sample) as App
      for (const { kind, detail, remedy, path } of translate(app).losses) {
        expect(detail).not.toBe('')
        expect(path).toMatch(/^\/[a-zA-Z]/)
        if (kind !== 'approximated') expect(remedy).toBeTypeOf('string')
      }
    }
  })
})
