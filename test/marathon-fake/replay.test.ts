import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jsonFiles, MARATHON } from '../marathon/data.ts'
import { ApiTypes } from '../raml/library.ts'
import { problemsOf } from '../raml/validate.ts'
import { at, type Server, start } from './setup.ts'

const HEAD = new ApiTypes('HEAD')

type Definition = Readonly<Record<string, unknown>>

interface Known {
  readonly file: string
  readonly value: Definition
  readonly type: 'app.App' | 'pod.Pod' | 'group.GroupUpdate'
  readonly path: string
}

/** Apps, pods and groups, by what is in them. */
function definitions(folder: string): readonly Known[] {
  return jsonFiles(join(MARATHON, folder)).flatMap(({ file, value }) => {
    if (typeof value !== 'object' || value === null || !('id' in value)) return []
    const definition = value as Definition
    return [{ file, value: definition, ...kindOf(definition) }]
  })
}

function kindOf(definition: Definition): Pick<Known, 'type' | 'path'> {
  if ('apps' in definition || 'groups' in definition)
    return { type: 'group.GroupUpdate', path: '/v2/groups' }
  return 'containers' in definition
    ? { type: 'pod.Pod', path: '/v2/pods' }
    : { type: 'app.App', path: '/v2/apps' }
}

function fits({ type, value }: Known): boolean {
  return (
    problemsOf(HEAD, type, value, { nullIsAbsent: true, partial: type === 'group.GroupUpdate' })
      .length === 0
  )
}

const SETUP = { network: 'dcos' } as const

describe('definitions that are known', () => {
  const KNOWN = [
    'fixtures/system-tests',
    'fixtures/examples',
    'fixtures/docs/HEAD',
    'clients',
  ].flatMap(definitions)

  /** What the description takes, and a rule between fields does not. */
  const BY_RULE: Readonly<Record<string, string>> = {
    'multirole-L242.json': '/role',
    'multirole-L30.json': '/role',
    'secrets-L74.json': '/container/docker',
  }
  /** What the description calls wrong and Marathon takes: keys it ignores. */
  const TAKEN =
    /pinger-bridge-app|private-ucr-docker-app|private-docker-pod|Docker\.json|minimalAppFullConfig/

  it('are taken where the description takes them, and refused where it does not', async () => {
    const surprises: string[] = []
    let taken = 0
    const { send } = await start(SETUP)
    for (const known of KNOWN) {
      await send('DELETE', '/v2/groups?force=true')
      const answer = await send('POST', `${known.path}?force=true`, known.value)
      const name = known.file.split('/').at(-1) ?? ''
      const rule = BY_RULE[name]
      const wanted = rule === undefined && (fits(known) || TAKEN.test(known.file)) ? 201 : 422
      if (answer.status !== wanted) surprises.push(`${known.file}: ${answer.status} ${answer.text}`)
      if (wanted === 201) taken++
      else expect(at(answer, 'details.0.path'), known.file).toContain(rule ?? '/')
    }
    expect(surprises).toEqual([])
    expect([KNOWN.length > 70, taken > 60]).toEqual([true, true])
  })

  it('are refused when any field is of another type, with the path of the field', async () => {
    const server = await start(SETUP)
    const apps = definitions('fixtures/system-tests/apps').filter(fits)
    let refused = 0
    for (const known of apps) {
      for (const [key, value] of Object.entries(known.value)) {
        if (value === null) continue
        // Nothing is a number and a list at once.
        const spoilt = { ...known.value, [key]: typeof value === 'number' ? [] : 7 }
        const answer = await server.send('POST', known.path, spoilt)
        expect(fits({ ...known, value: spoilt }), `${known.file} ${key}`).toBe(false)
        expect([answer.status, at(answer, 'message'), at(answer, 'details.0.path')]).toEqual([
          422,
          'Invalid JSON',
          `/${key}`,
        ])
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})

describe('what the Scala tests refuse', () => {
  it.each<[file: string, path: string, error: RegExp]>([
    ['AppDefinitionFormatsTest/L171.json', '/id', /must fully match/],
    ['AppDefinitionFormatsTest/L176.json', '/id', /root/],
    ['AppDefinitionFormatsTest/L181.json', '/cpus', /is less than 0.001/],
    ['AppDefinitionFormatsTest/L205.json', '/role', /expected one of/],
    ['AppDefinitionFormatsTest/L345.json', '/container/docker/credential', /must be empty/],
    ['AppDefinitionFormatsTest/L536.json', '/killSelection', /enum/],
    ['AppDefinitionFormatsTest/L574.json', '/container/docker', /not defined/],
    ['AppDefinitionFormatsTest/L586.json', '/', /ports must be equal/],
  ])('is refused: %s at %s', async (file, path, error) => {
    const value: unknown = JSON.parse(
      readFileSync(join(MARATHON, 'fixtures/scala-tests/HEAD', file), 'utf8'),
    )
    const { send } = await start(SETUP)
    const answer = await send('POST', '/v2/apps', value)
    expect([answer.status, at(answer, 'details.0.path')]).toEqual([422, path])
    expect(at(answer, 'details.0.errors.0')).toMatch(error)
  })
})

interface Canned {
  readonly uri: string
  readonly method: string
  readonly scope?: string
  readonly content?: string
}

describe('the canned answers that go-marathon is tested with', () => {
  const canned = parse(
    readFileSync(join(MARATHON, 'clients/go-marathon/methods.yml'), 'utf8'),
  ) as readonly Canned[]
  const contentOf = (uri: string, method: string) =>
    JSON.parse(
      canned.find((one) => one.uri === uri && one.method === method)?.content ?? '',
    ) as Definition

  /** What answers of 2014 have and later ones have not, by the last name of the path. */
  const OUTDATED = new Set([
    'storeUrls',
    'residency',
    'relaunchEscalationTimeoutSeconds',
    'taskLostBehavior',
    'taskId',
    'event_subscriber',
    'type',
    'http_endpoints',
    'zk_future_timeout',
    'duration',
    'zk_hosts',
    'zk_path',
    'zk_state',
  ])
  /** Left out from 1.5 on when they are empty. */
  const EMPTY = new Set([
    'constraints',
    'dependencies',
    'env',
    'healthChecks',
    'args',
    'uris',
    'ports',
  ])

  async function furnished(): Promise<Server> {
    const server = await start({ version: '1.7' })
    const { send, world } = server
    const whole = (app: Definition) => ({
      ...app,
      tasks: undefined,
      upgradeStrategy: { maximumOverCapacity: 1, ...(app.upgradeStrategy as object) },
    })
    for (const app of contentOf('/v2/apps', 'GET').apps as readonly Definition[])
      expect(
        (
          await send('PUT', `/v2/apps${app.id}?partialUpdate=false`, {
            ...whole(app),
            version: undefined,
          })
        ).status,
      ).toBe(201)
    const test = contentOf('/v2/groups/test', 'GET')
    const apps = (test.apps as readonly Definition[]).map(whole)
    expect((await send('PUT', '/v2/groups/test', { id: '/test', apps })).status).toBe(201)
    await world.settle()
    await send('POST', '/v2/apps', { id: '/wait', cmd: 'sleep 1', cpus: 100 })
    await world.advance('10s')
    return server
  }

  it.each([
    ['/v2/apps'],
    ['/v2/apps/fake-app'],
    ['/v2/apps/fake-app/versions'],
    ['/v2/apps/fake-app/tasks'],
    ['/v2/groups/test'],
    ['/v2/tasks'],
    ['/v2/queue'],
    ['/v2/leader'],
    ['/v2/info'],
  ])('have nothing at %s that is not in ours', async (uri) => {
    const { get } = await furnished()
    const ours = new Set(pathsOf((await get(uri)).json))
    const missing = pathsOf(contentOf(uri, 'GET')).filter((path) => {
      const names = path.split('/')
      const outdated = names.some(
        (name) => OUTDATED.has(name) || EMPTY.has(name) || name === 'lastTaskFailure',
      )
      return !outdated && !ours.has(path)
    })
    expect(missing).toEqual([])
  })

  it('are of routes that exist, those aside that 1.5 has taken away', async () => {
    const server = await start({ version: '1.7' })
    const removed = /eventSubscriptions|^\/marathon/
    for (const { uri, method } of canned) {
      const answer = await server.send(
        method,
        uri.replace(':groupId', 'test'),
        method === 'GET' || method === 'HEAD' ? undefined : {},
      )
      const unknown = answer.status === 500
      expect(unknown, `${method} ${uri}: ${answer.text}`).toBe(removed.test(uri))
    }
  })
})

/** Every path of names there is, `null` left out, lists by what is in them. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((inner) => pathsOf(inner, path)))]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === null ? [] : [`${path}/${key}`, ...pathsOf(inner, `${path}/${key}`)],
  )
}
