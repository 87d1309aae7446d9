import { canonicalJson } from 'intermodal'
import type { MarathonNative } from 'intermodal/marathon'
import { describe, expect, it } from 'vitest'
import { interpret } from '../../adapters/marathon/interpret.ts'
import { CORPUS, definitionsIn, MARATHON } from './data.ts'

const BRIDGE = {
  id: '/web',
  container: {
    type: 'DOCKER',
    docker: {
      image: 'shop/web:1',
      network: 'BRIDGE',
      portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 10_000, name: 'http' }],
    },
  },
} as const

const pathsOf = (native: object) =>
  interpret(native as MarathonNative)
    .losses.filter(({ path }) => !path.startsWith('/container/docker/parameters'))
    .map(({ path }) => path)

describe('a key that another key overrules', () => {
  it.each<[what: string, native: object, paths: readonly string[]]>([
    ['requirePorts outside the network of the host', { requirePorts: true }, ['/requirePorts']],
    ['ports of the host for an app in a bridge', { ports: [80] }, ['/ports/0']],
    [
      'definitions of such ports, as far as they say something of their own',
      { portDefinitions: [{ port: 80, protocol: 'udp', name: 'http', labels: { a: 'b' } }] },
      ['/portDefinitions/0/port', '/portDefinitions/0/protocol', '/portDefinitions/0/labels/a'],
    ],
    ['an address per task in a bridge', { ipAddress: { networkName: 'dcos' } }, ['/ipAddress']],
    [
      'residency, which Marathon has stopped looking at',
      { residency: { taskLostBehavior: 'RELAUNCH_AFTER_TIMEOUT' } },
      ['/residency/taskLostBehavior'],
    ],
  ])('is a loss: %s', (_, fields, paths) => {
    expect(pathsOf({ ...BRIDGE, ...fields })).toEqual(paths)
  })

  it('is none where it only repeats it, as servers before 1.5 do', () => {
    expect(
      pathsOf({
        ...BRIDGE,
        requirePorts: false,
        ports: [10_000],
        portDefinitions: [{ port: 10_000, protocol: 'tcp', labels: {} }],
        fetch: [{ uri: 'https://x.example/a.tgz', extract: true }],
        uris: ['https://x.example/a.tgz'],
        version: '2026-01-01T00:00:00.000Z',
      }),
    ).toEqual(['/version'])
  })

  it('is a loss where it contradicts what a server says twice', () => {
    const native = {
      id: '/web',
      cmd: 'serve',
      ports: [80, 81],
      portDefinitions: [{ port: 80, name: 'http' }, { port: 82 }],
      fetch: [{ uri: 'https://x.example/a.tgz' }],
      uris: ['https://x.example/b.tgz'],
      version: '2026-01-01T00:00:00.000Z',
    }
    expect(pathsOf(native)).toEqual(expect.arrayContaining(['/ports/1', '/uris/0']))
  })

  it('is refused where it is a word Marathon does not know', () => {
    const overlay = { ...BRIDGE.container, docker: { image: 'shop/web:1', network: 'OVERLAY' } }
    expect(pathsOf({ ...BRIDGE, container: overlay })).toContain('/container/docker/network')
    const pod = { id: '/pod', containers: [{ name: 'a', exec: { command: { shell: 'serve' } } }] }
    expect(pathsOf({ ...pod, scaling: { kind: 'elastic', instances: 1 } })).toContain(
      '/scaling/kind',
    )
  })

  it('leaves the ports of an address per task to an app without a container', () => {
    const discovery = { ports: [{ number: 80, name: 'http', protocol: 'tcp' }] }
    const { app } = interpret({
      id: '/web',
      cmd: 'serve',
      ipAddress: { networkName: 'dcos', discovery },
    } as MarathonNative)
    expect(app.ports).toMatchObject([{ name: 'http', containerPort: 80 }])
    expect(app.network).toEqual({ mode: 'container', names: ['dcos'] })
  })
})

type Path = readonly string[]

/** Keys of one sort that are tried, so many times in so many definitions. */
const TRIES = 2

describe('every key of the definitions that are known', () => {
  it('changes what is read or said when it is changed or taken away, or is named by a loss', () => {
    const tried = new Map<string, number>()
    const vanished: string[] = []
    for (const { file, native } of [
      ...definitionsIn(CORPUS),
      ...definitionsIn(`${MARATHON}/fixtures`),
    ]) {
      const before = interpret(native)
      const unchanged = canonicalJson(before)
      const told = before.losses.map(({ path }) => path)
      for (const path of leaves(native, [])) {
        const sort = path.map((key) => (/^\d+$/.test(key) ? 'N' : key)).join('/')
        const count = tried.get(sort) ?? 0
        const own = `/${path.join('/')}`
        if (count >= TRIES || told.some((one) => own.startsWith(one) || one.startsWith(own)))
          continue
        tried.set(sort, count + 1)
        const noticed = [altered, removed].some(
          (edit) => canonicalJson(interpret(changed(native, path, edit))) !== unchanged,
        )
        if (!noticed) vanished.push(`${file} ${own}`)
      }
    }
    expect(tried.size).toBeGreaterThan(300)
    expect(vanished).toEqual([])
  })
})

function* leaves(value: unknown, path: Path): Generator<Path> {
  if (typeof value !== 'object') yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key])
}

type Edit = (holder: Record<string, unknown>, key: string) => void

const altered: Edit = (holder, key) => {
  const value = holder[key]
  holder[key] =
    typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}x`
}

const removed: Edit = (holder, key) => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

function changed(native: MarathonNative, path: Path, edit: Edit): MarathonNative {
  const copy = structuredClone(native)
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy)
  edit(holder as Record<string, unknown>, path.at(-1) ?? '')
  return copy
}
