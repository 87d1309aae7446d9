import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SCRIPTS } from '../../src/cli/commands/completion-scripts.ts'
import { workshop } from './cli.ts'

const CONFIG = 'targets: { prod: "swarm:", staging: "simulated:" }\n'
const APPS = 'id: /shop/web\nimage: web:1\n---\nid: /shop/api\nimage: api:1\n'

async function suggestions(words: readonly string[]): Promise<readonly string[]> {
  const { cli } = await workshop({ 'intermodal.config.yaml': CONFIG, 'apps.yaml': APPS })
  await cli('apply -f apps.yaml')
  const { code, stdout } = await cli(['complete', '--', ...words])
  expect(code).toBe(0)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '')
}

describe('completion', () => {
  it.each<[words: readonly string[], expected: readonly string[]]>([
    [['sc'], ['scale']],
    [['re'], ['resume', 'restart', 'render']],
    [['ps', '--wa'], ['--watch']],
    [
      ['ps', '-o', ''],
      ['table', 'wide', 'json', 'yaml'],
    ],
    [
      ['ps', '--state', 'de'],
      ['deploying', 'deleting', 'delayed', 'degraded'],
    ],
    [['ps', '--on', 'st'], ['staging']],
    [
      ['status', '/shop/'],
      ['/shop/api', '/shop/web'],
    ],
    [['status', 'shop/w'], ['shop/web']],
    [['status', '/shop/web', ''], []],
    [['restart', '/shop/web', '/shop/a'], ['/shop/api']],
    [['scale', '/shop/web', ''], []],
    [['apply', '-f', ''], [':files']],
    [['exec', '/shop/web', '--', ''], [':files']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['nonsense', ''], []],
    [['status', '--on', 'nowhere', ''], []],
  ])('of %j is %j', async (words, expected) => {
    expect([...(await suggestions(words))].sort()).toEqual([...expected].sort())
  })

  it('offers every command to whoever begins', async () => {
    const all = await suggestions([''])
    expect(all).toEqual(expect.arrayContaining(['apply', 'ps', 'completion', '--help']))
    expect(all).not.toContain('complete')
  })

  it.each(['bash', 'zsh', 'fish'] as const)('prints its script for %s', async (shell) => {
    const { cli } = await workshop()
    expect((await cli(`completion ${shell}`)).stdout).toBe(SCRIPTS[shell])
  })

  it('works in bash, files and words with spaces included', async () => {
    const { folder } = await workshop({ 'my apps.yaml': APPS, 'other.txt': '' })
    const script = `${SCRIPTS.bash}
intermodal() { case "$*" in *-f*) echo ":files";; *) printf 'scale\\tabout it\\n';; esac; }
COMP_WORDS=(intermodal sc); COMP_CWORD=1; _intermodal; printf '<%s>' "\${COMPREPLY[@]}"
COMP_WORDS=(intermodal apply -f my); COMP_CWORD=3; _intermodal; printf '<%s>' "\${COMPREPLY[@]}"`
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder })
    expect(stdout).toBe('<scale><my apps.yaml>')
  })
})
