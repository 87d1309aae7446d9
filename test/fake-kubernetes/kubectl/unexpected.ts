import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { Said } from './commands.ts'

/** Each command that printed something else, or ended otherwise. */
export async function unexpected(
  commands: readonly Said[],
  program: string,
  kubeconfig: string,
): Promise<string[]> {
  const namespace = `kubectl-${randomBytes(4).toString('hex')}`
  const say = (command: readonly string[], given?: Given) =>
    kubectl(program, ['--kubeconfig', kubeconfig, ...command], given)
  await say(['create', 'namespace', namespace])
  try {
    await say(['-n', namespace, 'wait', '--for=create', 'serviceaccount/default', '--timeout=60s'])
    const odd: string[] = []
    for (const said of commands) {
      const words = ['-n', namespace, ...parted(said.run.replaceAll('<ns>', namespace))]
      const { code, output } = await say(words, said)
      const wanted = new RegExp(said.says.source.replaceAll('<ns>', namespace), said.says.flags)
      if (code !== (said.code ?? 0) || !wanted.test(output.trimEnd()))
        odd.push(`${said.run} ends with ${code}: ${output}`)
    }
    return odd
  } finally {
    await say(['delete', 'namespace', namespace, '--wait=false'])
  }
}

function parted(command: string): string[] {
  const words = command.matchAll(/(?:'[^']*'|[^\s'])+/g)
  return [...words].map(([word]) => word.replaceAll("'", ''))
}

interface Given {
  readonly input?: string
  readonly edit?: string
}

/** What it says on both of its streams, in the order it comes. */
async function kubectl(program: string, command: readonly string[], { input, edit }: Given = {}) {
  const child = spawn(program, command, {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...(edit ? { KUBE_EDITOR: `sed -i '${edit}'` } : {}) },
  })
  // Whoever ends before all is read says why by the exit code.
  child.stdin?.on('error', () => {}).end(input)
  const { promise: ended, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  const [out, errors] = await Promise.all(
    [child.stdout, child.stderr].map((one) => one && text(one)),
  )
  return { code: await ended, output: `${out}${errors}` }
}
