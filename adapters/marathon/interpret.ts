import {
  type App,
  type AppInput,
  applyMemo,
  type Interpretation,
  type Memo,
  printApp,
  readMemo,
  safeDefine,
} from 'intermodal'
import { build } from './build.ts'
import { canonical } from './canonical.ts'
import { isManaged, MEMO } from './labels.ts'
import { lossList, type Report, silent } from './loss.ts'
import { READ_ONLY } from './modern.ts'
import type { MarathonNative } from './native.ts'
import { NO_IMAGE } from './network.ts'
import { BASELINE, NEWEST, type TranslateOptions } from './options.ts'
import { reportOverruled } from './overruled.ts'
import { diffPatch, isObject, type Json, same } from './patch.ts'
import { prune } from './prune.ts'
import { read } from './read.ts'
import { refusals } from './refusals.ts'

/**
 * Marathon's words in the model's, for apps of ours and of anybody, in either form: before 1.5 and since.
 *
 * What the model can say is read first. Translating that shows what is missing, and the difference becomes a patch in
 * `native.marathon`: so translating the result again means what the definition means, by construction. The memo that
 * `translate` left is believed as far as it gives the live app again.
 */
export function interpret(native: MarathonNative): Interpretation {
  const { report, losses } = lossList()
  for (const { path, message } of refusals(native)) report('refused', path, message)
  const known = prune(native, {}, '', (kind, at, detail, remedy) => {
    if (READ_ONLY.includes(at.slice(1)))
      report('dropped', at, 'is written by Marathon, and says nothing of what is wanted')
    else report(kind, at, detail, remedy)
  })
  reportOverruled(known, report)
  const plain = readWhole(known, report)
  if (plain.image === NO_IMAGE) {
    report(
      'approximated',
      'container' in known && known.container ? '/container' : '/cmd' in known ? '/cmd' : '/id',
      'runs on the agent without an image; the image is called "none"',
      'give it an image before it moves to an engine that has no other way',
    )
  }
  const app = remembered(plain, known)
  const filledIn = app.native?.marathon?.role === ANY_ROLE ? ['/native/marathon/role'] : undefined
  return { app, losses, ...(filledIn ? { filledIn } : {}) }
}

/** What Marathon writes into definitions that name no role, unless it was started with another. */
const ANY_ROLE = '*'

/** Without the memo: what the definition itself says. */
export function readWhole(native: MarathonNative, report: Report = silent): App {
  const app = defineWhatFits(read(native, report), report)
  const patch = residue(app, native)
  return patch === undefined
    ? app
    : defineWhatFits({ ...printApp(app), native: { marathon: patch } }, report)
}

/** What the model did not say, as the patch that says it. */
function residue(app: App, native: MarathonNative): Record<string, unknown> | undefined {
  const wanted = canonical(native)
  // A count that nobody wrote is the live one, and not 1.
  const counted = 'containers' in native && native.scaling?.instances === undefined
  const whole = counted ? { ...wanted, scaling: { kind: 'fixed' } } : wanted
  return diffPatch(rebuilt(app, native), whole) as Record<string, unknown> | undefined
}

function rebuilt(app: App, native: MarathonNative, options: Partial<TranslateOptions> = {}): Json {
  return canonical(build(app, { ...basis(native), ...options }, silent), isManaged(native))
}

/** A field the definition has is one the server knows; shares were taken of the live count. */
function basis(native: MarathonNative): TranslateOptions {
  const instances = 'containers' in native ? native.scaling?.instances : native.instances
  return { version: NEWEST, replicas: instances ?? 1 }
}

/** A key the model's grammar refuses is left out, and so becomes part of the patch, which says it in any case. */
function defineWhatFits(input: AppInput, report: Report): App {
  let rest: Record<string, unknown> = { ...input }
  for (;;) {
    const result = safeDefine(rest)
    if ('app' in result) return result.app
    const wrong = new Set(result.issues.map(({ path }) => path.split('/')[1] ?? ''))
    const kept = Object.fromEntries(
      Object.entries(rest).filter(([key]) => !wrong.has(key) || key === 'id' || key === 'image'),
    )
    const stuck = Object.keys(kept).length === Object.keys(rest).length
    rest = stuck ? { ...kept, id: fittingId(String(input.id), report), image: NO_IMAGE } : kept
    if (stuck && input.image === NO_IMAGE && rest.id === input.id)
      throw new Error(`cannot be said: ${result.issues[0]?.message}`)
  }
}

/** Marathon takes dots in ids, and labels longer than 63; the model does not. */
function fittingId(id: string, report: Report): `/${string}` {
  const parts = id
    .split('/')
    .map((part) =>
      part
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 63)
        .replace(/^-+|-+$/g, ''),
    )
    .filter((part) => part !== '')
  const fitting = `/${parts.join('/') || 'app'}` as const
  if (fitting !== id)
    report('approximated', '/id', `is no id of the model: ${fitting} stands for it`)
  return fitting
}

function remembered(plain: App, native: MarathonNative): App {
  const memo = readMemo(native.labels?.[MEMO])
  if (!memo) return plain
  const wanted = canonical(native)
  return applyMemo(plain, memo, (app) => isWanted(app, native, wanted, memo))
}

/** One of each sort: what was written depends on what the server knew. */
const VERSIONS = [NEWEST, BASELINE, '1.4', '1.3'] as const

/** Budgets as counts are shares of the count they were written for, which may have been scaled since. */
function isWanted(app: App, native: MarathonNative, wanted: Json, { of = 1 }: Memo): boolean {
  const written = { ...app, replicas: of }
  return VERSIONS.some(
    (version) =>
      same(rebuilt(app, native, { version }), wanted) ||
      same(withCount(rebuilt(written, native, { version, replicas: of }), wanted), wanted),
  )
}

function withCount(built: Json, wanted: Json): Json {
  if (!isObject(built.scaling)) return { ...built, instances: wanted.instances }
  return { ...built, scaling: wanted.scaling }
}
