import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** All that core may load: validation, cron expressions, spelling, a limit on what runs at once. No client library, no command line. */
export const CORE = ['croner', 'fastest-levenshtein', 'p-limit', 'yocto-queue', 'zod']

/** Every module of the package, with what importing it loads besides: no client library comes before the first call. */
export const SUBPATHS: readonly (readonly [subpath: string, others: readonly string[]])[] = [
  ['intermodal', []],
  ['intermodal/simulated', []],
  ['intermodal/swarm', []],
  ['intermodal/marathon', ['eventsource-parser']],
  ['intermodal/kubernetes', []],
  ['intermodal/import', ['yaml']],
  // The fake Kubernetes takes YAML, as a real one does.
  ['intermodal/testing', ['yaml']],
]

// Notes what is resolved while the import runs; a package is what follows the last node_modules.
const script = (subpath: string, after: string) => `
  import { registerHooks } from 'node:module'
  const loaded = new Set()
  registerHooks({
    load(url, context, next) {
      const name = url.match(/.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//)?.[1]
      if (name) loaded.add(name)
      return next(url, context)
    },
  })
  const module = await import('${subpath}')
  ${after}
  process.stdout.write(JSON.stringify([...loaded].sort()))
`

/** The packages that importing a subpath of ours loads, in a process of its own, as `cwd` resolves it. */
export async function packagesLoadedBy(
  subpath: string,
  {
    cwd,
    conditions = [],
    after = '',
  }: { readonly cwd: string; readonly conditions?: readonly string[]; readonly after?: string },
): Promise<readonly string[]> {
  const { stdout } = await run(
    process.execPath,
    [
      ...conditions.map((name) => `--conditions=${name}`),
      '--input-type=module',
      '--eval',
      script(subpath, after),
    ],
    { cwd },
  )
  return JSON.parse(stdout)
}
