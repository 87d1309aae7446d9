import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/cli/config.ts'
import { UsageError } from '../../src/cli/exit.ts'
import { chooseTargets, parseTarget } from '../../src/cli/target.ts'
import { project } from './project.ts'

describe('the configuration', () => {
  it.each([
    ['yaml', 'default: prod\ntargets:\n  prod: { on: "swarm+ssh://me@host", timeout: 10s }\n'],
    ['json', '{"default":"prod","targets":{"prod":{"on":"swarm+ssh://me@host","timeout":"10s"}}}'],
    [
      'ts',
      'const timeout: string = "10s"\nexport default { default: "prod", targets: { prod: { on: "swarm+ssh://me@host", timeout } } }\n',
    ],
    [
      'mjs',
      'export default { default: "prod", targets: { prod: { on: "swarm+ssh://me@host", timeout: "10s" } } }\n',
    ],
  ])('is found as intermodal.config.%s, from any folder below it', async (ending, content) => {
    const cwd = await project({ [`intermodal.config.${ending}`]: content, 'a/b/x.txt': '' })
    expect(await loadConfig({ cwd: join(cwd, 'a/b') })).toEqual({
      default: 'prod',
      targets: { prod: { on: 'swarm+ssh://me@host', timeout: '10s' } },
      file: join(cwd, `intermodal.config.${ending}`),
    })
  })

  it('of the nearest folder counts', async () => {
    const cwd = await project({
      'intermodal.config.yaml': 'targets: { far: "simulated:" }',
      'a/intermodal.config.yaml': 'targets: { near: "simulated:" }',
    })
    const { targets } = await loadConfig({ cwd: join(cwd, 'a') })
    expect(Object.keys(targets)).toEqual(['near'])
  })

  it('is refused when one folder has two of them', async () => {
    const cwd = await project({ 'intermodal.config.yaml': '', 'intermodal.config.json': '{}' })
    await expect(loadConfig({ cwd })).rejects.toThrow('several configurations')
  })

  it.each([
    ['an unknown key', 'target: {}\n', 'intermodal.config.yaml:1:1 unrecognized key: "target"'],
    [
      'a wrong target',
      'targets:\n  prod: 5\n',
      'intermodal.config.yaml:2:3 /targets/prod needs a target',
    ],
    ['a name with a colon', 'targets:\n  "a:b": "simulated:"\n', '/targets/a:b'],
    [
      'an unknown default',
      'default: prodd\ntargets: { prod: "simulated:" }\n',
      'intermodal.config.yaml:1:1 /default names no target of this file (it has: prod)',
    ],
    ['several documents', 'targets: {}\n---\ntargets: {}\n', 'has several documents'],
  ])('with %s is refused, with its place', async (_, content, message) => {
    const cwd = await project({ 'intermodal.config.yaml': content })
    await expect(loadConfig({ cwd })).rejects.toThrow(message)
  })
})

describe('a target', () => {
  const config = {
    default: 'sim',
    targets: { sim: { on: 'simulated:' }, prod: { on: 'swarm+tcp://root:hunter2@host:2376' } },
  }

  it('is what --on says, then $INTERMODAL_TARGET, then the default, then the simulator', () => {
    const env = { INTERMODAL_TARGET: 'prod' }
    const flag = (targets: ReturnType<typeof chooseTargets>) => targets.map(({ flag }) => flag)
    expect(flag(chooseTargets(['simulated:x'], { env }, config))).toEqual(['simulated:x'])
    expect(flag(chooseTargets([], { env }, config))).toEqual(['prod'])
    expect(flag(chooseTargets([], { env: {} }, config))).toEqual(['sim'])
    expect(flag(chooseTargets([], { env: {} }, { targets: {} }))).toEqual(['simulated:'])
  })

  it.each([
    ['simulated:', 'simulated', 'simulated'],
    ['simulated:blue?nodes=5', 'simulated', 'blue'],
    ['swarm:', 'swarm', 'swarm'],
    ['swarm:staging', 'swarm', 'staging'],
    ['swarm+ssh://me@host:22/run/docker.sock', 'swarm', 'host:22'],
    ['swarm+unix:///var/run/docker.sock', 'swarm', 'swarm'],
    ['kubernetes:ctx/ns', 'kubernetes', 'ctx/ns'],
    ['marathon+https://host:8443', 'marathon', 'host:8443'],
  ])('%s is of kind %s and goes by the name %s', (text, kind, name) => {
    expect(parseTarget(text)).toMatchObject({ kind, name })
  })

  it('never shows the password it holds', () => {
    const [target] = chooseTargets(['prod'], { env: {} }, config)
    expect(target?.shown).toBe('swarm+tcp://root:***@host:2376')
    expect(target?.rest).toContain('hunter2')
  })

  it.each([
    ['prd', 'there is no target "prd"', 'did you mean "prod"?'],
    ['elsewhere', 'there is no target "elsewhere"', 'intermodal.config has: sim, prod'],
    ['swarn:', 'target "swarn:" names no engine', 'did you mean "swarm:"?'],
    ['https://me:hunter2@host', 'target "https://me:***@host" names no engine', 'write simulated:'],
  ])('that is unknown, %s, is refused with the nearest', (text, message, remedy) => {
    const error = (() => {
      try {
        chooseTargets([text], { env: {} }, config)
      } catch (error) {
        return error
      }
    })()
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).message).toContain(message)
    expect((error as UsageError).remedy).toContain(remedy)
  })

  it('given twice is one, and two of the same name are told apart', () => {
    const targets = chooseTargets(
      ['simulated:', 'simulated:', 'simulated:?seed=2'],
      { env: {} },
      config,
    )
    expect(targets.map(({ name }) => name)).toEqual(['simulated', 'simulated-2'])
  })
})
