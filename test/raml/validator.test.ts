import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonFiles, MARATHON } from '../marathon/data.ts'
import { ApiTypes, Library, RAML } from './library.ts'
import { problemsOf, type ValidateOptions } from './validate.ts'

const HEAD = new ApiTypes('HEAD')
const VERSIONS = [
  'v1.4.13',
  'v1.5.15',
  'v1.6.590',
  'v1.7.236',
  'v1.8.244',
  'v1.9.109',
  'v1.10.26',
  'HEAD',
] as const

function problems(type: string, value: unknown, options?: ValidateOptions): readonly string[] {
  return problemsOf(HEAD, type, value, options)
}

describe('the validator of RAML', () => {
  it.each(VERSIONS)('understands every type of %s', (folder) => {
    const types = new ApiTypes(folder)
    const path = join(RAML, folder, 'v2/types')
    let count = 0
    for (const file of readdirSync(path)) {
      const name = file.replace('.raml', '')
      for (const type of Library.read(join(path, file)).names) {
        count++
        expect(() => problemsOf(types, `${name}.${type}`, { unknown: [{}] })).not.toThrow()
      }
    }
    expect(count).toBeGreaterThan(60)
  })

  it.each<[what: string, type: string, value: unknown, found: readonly string[]]>([
    ['a missing property', 'task.TaskFailure', { appId: '/a' }, ['/host: is missing']],
    ['one that may be missing', 'error.Error', { message: 'no' }, []],
    ['one nobody declared', 'error.Error', { message: 'no', code: 1 }, ['/code: is not declared']],
    ['a value of an enum', 'killSelection.KillSelection', 'OLDEST_FIRST', []],
    ['one of none', 'killSelection.KillSelection', 'OLD', [': is none of YOUNGEST_FIRST']],
    ['a number too small', 'numberTypes.Port', 0, [': is less than 1']],
    ['a number too large', 'numberTypes.Port', 65_536, [': is greater than 65535']],
    ['a part where a whole is wanted', 'numberTypes.Port', 80.5, [': is no integer']],
    ['a pattern that matches', 'stringTypes.PathId', '/shop/web', []],
    ['one that does not', 'stringTypes.PathId', '/Shop', [': does not match']],
    ['text too long', 'stringTypes.Name', 'a'.repeat(64), [': is longer than 63']],
    ['too few items', 'mesosCommand.ArgvCommand', { argv: [] }, ['/argv: has fewer than 1 items']],
    ['too many', 'constraint.AppConstraint', ['a', 'b', 'c', 'd'], [': has more than 3 items']],
    ['a map', 'label.KVLabels', { a: 'b', c: 'd' }, []],
    ['a map with a wrong value', 'label.KVLabels', { a: 1 }, ['/a: is no string']],
    [
      'a name that no pattern of a map allows',
      'environmentVariable.EnvVars',
      { 'a-b': '' },
      ['/a-b: is not declared'],
    ],
    ['either branch of a union', 'environmentVariable.EnvVarValueOrSecret', { secret: 'a' }, []],
    [
      'the branch that comes closest',
      'environmentVariable.EnvVarValueOrSecret',
      { secret: 1 },
      ['/secret: is no string'],
    ],
    [
      'both of two that exclude each other',
      'mesosCommand.MesosCommand',
      { shell: 'a', argv: ['a'] },
      [': is no nil'],
    ],
    ['what a type extends', 'podStatus.PodState', 'STABLE', []],
    [
      'a moment',
      'versionInfo.VersionInfo',
      { lastScalingAt: '2026-01-01T00:00:00.000Z', lastConfigChangeAt: 'today' },
      ['/lastConfigChangeAt: is no datetime'],
    ],
    ['a list of a type', 'task.TaskList', { tasks: [{ id: 1 }] }, ['/tasks/0/id: is no string']],
    [
      'the same item twice',
      'app.App',
      { id: '/a', dependencies: ['/b', '/b'] },
      ['/dependencies: has the same item twice'],
    ],
    [
      'a type of another file',
      'app.App',
      { id: '/a', networks: [{ mode: 'no' }] },
      ['/networks/0/mode: is none of'],
    ],
  ])('finds %s', (_, type, value, found) => {
    const told = problems(type, value)
    for (const expected of found) expect(told.join('\n')).toContain(expected)
    if (found.length === 0) expect(told).toEqual([])
  })

  it('tells subtypes by their discriminator', () => {
    const pod = (scaling: object) => ({
      id: '/pod',
      containers: [{ name: 'a', resources: { cpus: 1, mem: 32 } }],
      scaling,
    })
    expect(problems('pod.Pod', pod({ kind: 'fixed', instances: 3 }))).toEqual([])
    expect(problems('pod.Pod', pod({ kind: 'fixed', instances: -1 }))[0]).toContain('less than 0')
  })

  it('takes nothing of an update for required, and null for absent where it is told so', () => {
    expect(problems('app.App', { instances: 3 })).toEqual(['/id: is missing'])
    expect(problems('app.App', { instances: 3 }, { partial: true })).toEqual([])
    expect(problems('app.App', { id: '/a', cmd: null })).not.toEqual([])
    expect(problems('app.App', { id: '/a', cmd: null }, { nullIsAbsent: true })).toEqual([])
  })

  it('accepts the apps of the system tests, but for two with a key in the wrong place', () => {
    const apps = jsonFiles(join(MARATHON, 'fixtures/system-tests/apps'))
    const wrong = apps.filter(({ value }) => problems('app.App', value, PLAY).length > 0)
    expect(apps.length).toBe(20)
    expect(wrong.map(({ file }) => file)).toEqual([
      'pinger-bridge-app.json',
      'private-ucr-docker-app.json',
    ])
  })

  it('accepts the apps of the benchmark in versions that know their networks, and in no earlier one', () => {
    const apps = jsonFiles(join(MARATHON, 'fixtures/benchmark')).flatMap(({ value }) =>
      appsIn(value),
    )
    const fitting = (folder: string) => {
      const types = new ApiTypes(folder)
      return apps.filter((app) => problemsOf(types, 'app.App', app, PLAY).length === 0).length
    }
    expect(apps.length).toBeGreaterThan(100)
    expect(fitting('HEAD')).toBe(apps.length)
    expect(fitting('v1.5.15')).toBe(apps.length)
    expect(fitting('v1.4.13')).toBe(0)
  })
})

/** As Marathon's own readers take it. */
const PLAY = { nullIsAbsent: true } as const

function appsIn(value: unknown): readonly object[] {
  const { apps = [], groups = [] } = value as { apps?: object[]; groups?: unknown[] }
  return [...apps, ...groups.flatMap(appsIn)]
}
