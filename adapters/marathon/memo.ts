import { type App, printApp, safeDefine } from 'intermodal'
import { MEMO } from './labels.ts'
import { diffPatch, isObject, mergePatch, same } from './patch.ts'
import type { Labels } from './wire.ts'

/**
 * What an app says and its Marathon form does not: budgets as counts, the names of volumes, what is dependent on what and
 * how. Kept in a label as the difference to what reading the app gives, so that a plan shows no change where nothing changed
 * and a migration starts from what was meant. `replicas` is the engine's, and never in it.
 */
export interface Memo {
  readonly app: Readonly<Record<string, unknown>>
  /** As text: a patch may hold `null`, which means "remove" in a difference. */
  readonly native?: string
  /** How many instances the update's budgets were worked out for. */
  readonly of?: number
}

export function writeMemo(app: App, plain: App, of: number): string | undefined {
  const { replicas: _, native, ...wanted } = app
  const { replicas: __, native: plainNative, ...found } = plain
  const patch = diffPatch(found, wanted)
  const sameNative = same(native, plainNative)
  if (patch === undefined && sameNative) return undefined
  return JSON.stringify({
    app: isObject(patch) ? patch : {},
    ...(sameNative ? {} : { native: JSON.stringify(native ?? {}) }),
    ...(of === 1 ? {} : { of }),
  } satisfies Memo)
}

export function readMemo(labels: Labels | undefined): Memo | undefined {
  const text = labels?.[MEMO]
  if (text === undefined) return undefined
  try {
    const memo: unknown = JSON.parse(text)
    if (!isObject(memo) || !isObject(memo.app)) return undefined
    return {
      app: memo.app,
      ...(typeof memo.native === 'string' ? { native: memo.native } : {}),
      ...(typeof memo.of === 'number' ? { of: memo.of } : {}),
    }
  } catch {
    // Changed by hand: the app itself is read instead, which is all that is true then.
    return undefined
  }
}

/** As much of the memo as still gives the live app: all of it when nobody touched it, else the fields that hold alone. */
export function applyMemo(plain: App, memo: Memo, fits: (app: App) => boolean): App {
  const native = memo.native === undefined ? {} : { native: memo.native }
  const whole = candidate(plain, { ...memo.app, ...native })
  if (whole && fits(whole)) return whole
  const entries = Object.entries(memo.app).flatMap(([key, value]) =>
    isObject(value)
      ? Object.entries(value).map(([inner, part]) => ({ [key]: { [inner]: part } }))
      : [{ [key]: value }],
  )
  let best = plain
  for (const entry of [...entries, native]) {
    const next = candidate(best, entry)
    if (next && fits(next)) best = next
  }
  return best
}

function candidate(app: App, change: Readonly<Record<string, unknown>>): App | undefined {
  const { native, ...fields } = change
  const { native: old, ...rest } = app
  try {
    const merged = {
      ...(mergePatch(rest, fields) as App),
      ...(typeof native === 'string' ? nativeOf(native) : old === undefined ? {} : { native: old }),
    }
    const result = safeDefine(printApp(merged))
    return 'app' in result ? result.app : undefined
  } catch {
    // Not in the shape of an app: someone wrote the label by hand.
    return undefined
  }
}

function nativeOf(text: string): Pick<App, 'native'> {
  const native = JSON.parse(text) as NonNullable<App['native']>
  return Object.keys(native).length > 0 ? { native } : {}
}
