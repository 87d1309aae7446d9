import {
  type App,
  type AppInput,
  applyMemo,
  IntermodalError,
  type Interpretation,
  type Loss,
  printApp,
  readMemo,
  safeDefine,
} from 'intermodal'
import { build } from './build.ts'
import { templateOf } from './canonical.ts'
import { lossList, step } from './loss.ts'
import { MEMO } from './marks.ts'
import type { KubernetesNative } from './native.ts'
import type { TranslateOptions } from './options.ts'
import { same } from './patch.ts'
import { read } from './read.ts'
import { comparable, isAsked, residue } from './residue.ts'
import { malformedAt, sortOut } from './sort-out.ts'
import type { KubernetesObject } from './wire.ts'

/**
 * Kubernetes' words in the model's, for objects of ours and of anybody: as files hold them, or as the API and
 * `kubectl get -o yaml` give them.
 *
 * What the model can say is read first. Translating that shows what is missing, and the difference becomes patches in
 * `native.kubernetes`: so translating the result again means what the objects mean, by construction. The memo that
 * `translate` left is believed as far as it gives the live objects again; what was changed by hand since is not.
 *
 * @throws IntermodalError `APP_INVALID` when there is no workload among the objects.
 */
export function interpret(
  native: KubernetesNative,
  options: TranslateOptions = {},
): Interpretation {
  const { objects, losses } = sortOut(native.objects)
  const [workload] = objects
  if (!workload) {
    throw new IntermodalError(
      'APP_INVALID',
      'there is no Deployment, StatefulSet, DaemonSet, Job or CronJob among the objects: they are no app',
      { remedy: 'give the object that runs the pods as well' },
    )
  }
  const wrong = malformedAt(templateOf(workload)?.spec ?? { containers: [] })
  if (wrong !== undefined) {
    throw new IntermodalError(
      'APP_INVALID',
      `the ${workload.kind} "${workload.metadata.name}" is malformed: ${wrong} of its pods needs a list`,
      { remedy: 'give it as the API has it' },
    )
  }
  const plain = readWhole(objects, options)
  return {
    app: remembered(plain, objects, options),
    losses: [...losses, ...scaled(workload, plain)],
  }
}

/** Without the memo: what the objects themselves say. */
export function readWhole(objects: readonly KubernetesObject[], options: TranslateOptions): App {
  const input = read(objects, options)
  const app = defineWhatFits(input)
  const patch = residue(app, objects, options)
  const own = app.native?.kubernetes ?? {}
  if (Object.keys(patch).length === 0) return app
  return defineWhatFits({ ...printApp(app), native: { kubernetes: { ...own, ...patch } } })
}

const REQUIRED: ReadonlySet<string> = new Set(['id', 'image'])

/**
 * A key the model's grammar refuses is left out, and so becomes part of the patch. The rest of it is what the objects
 * say in any case.
 */
function defineWhatFits(input: AppInput): App {
  let rest: Record<string, unknown> = { ...input }
  let first: { readonly path: string; readonly message: string } | undefined
  for (;;) {
    const result = safeDefine(rest)
    if ('app' in result) return result.app
    // What is missing once something was left out is only wrong because of that.
    first ??= result.issues[0]
    const wrong = result.issues.map(({ path }) => path.split('/').slice(1))
    const next = leaveOut(rest, wrong)
    if (same(next, rest)) {
      const issue = first
      throw new IntermodalError(
        'APP_INVALID',
        `the objects cannot be said as an app: ${issue?.path} ${issue?.message}`,
        { remedy: 'write the app by hand' },
      )
    }
    rest = next
  }
}

/** Records lose the entry that is wrong, everything else the whole key. */
function leaveOut(
  input: Record<string, unknown>,
  wrong: readonly string[][],
): Record<string, unknown> {
  const rest = { ...input }
  for (const [key = '', entry] of wrong) {
    const value = rest[key]
    if (key === 'image' || key === 'id') rest[key] = key === 'image' ? 'none' : rest[key]
    else if (
      entry !== undefined &&
      RECORDS.has(key) &&
      typeof value === 'object' &&
      value !== null
    ) {
      const { [entry.replaceAll('~1', '/').replaceAll('~0', '~')]: _, ...others } = value as Record<
        string,
        unknown
      >
      rest[key] = others
    } else if (!REQUIRED.has(key)) delete rest[key]
  }
  return rest
}

const RECORDS: ReadonlySet<string> = new Set([
  'env',
  'files',
  'labels',
  'annotations',
  'probes',
  'sidecars',
  'volumes',
])

function remembered(
  plain: App,
  objects: readonly KubernetesObject[],
  options: TranslateOptions,
): App {
  const memo = readMemo(objects[0]?.metadata.annotations?.[MEMO])
  if (!memo) return plain
  const asked = isAsked(objects)
  const wanted = comparable(objects, options, asked)
  const fits = (app: App): boolean =>
    same(comparable(build(app, options, lossList().report).objects, options, asked), wanted)
  return applyMemo(plain, memo, fits)
}

/** An autoscaler decides how many there are, so the number is not the app's. */
function scaled({ spec }: KubernetesObject, app: App): Loss[] {
  const replicas = (spec as { replicas?: number } | undefined)?.replicas
  if (!app.autoscale || replicas === undefined) return []
  return [
    {
      path: `/objects${step(0)}/spec/replicas`,
      kind: 'approximated',
      detail: `${replicas} for now: the autoscaler decides`,
    },
  ]
}
