import { type App, printApp, safeDefine } from 'intermodal'
import { MEMO } from './marks.ts'
import { difference, merge } from './merge.ts'
import { isObject, same } from './patch.ts'
import type { Labels } from './wire.ts'

/**
 * What an app says and its Kubernetes form does not: dependencies, milliseconds, what becomes of a failed update, ports
 * that a probe took for granted. Kept in an annotation as the difference to what reading the objects gives, field by
 * field, so that a plan shows no change where nothing changed and a migration starts from what was meant. `replicas` is the engine's, and never in it.
 */
export interface Memo {
  readonly app: Readonly<Record<string, unknown>>
  /** As text: a patch may hold `null`, which means "remove" in a difference. */
  readonly native?: string
}

export function writeMemo(app: App, plain: App): string | undefined {
  const { replicas: _, native, ...wanted } = app
  const { replicas: __, native: plainNative, ...found } = plain
  const patch = difference(found, wanted)
  const sameNative = same(native, plainNative)
  if (patch === undefined && sameNative) return undefined
  return JSON.stringify({
    app: isObject(patch) ? patch : {},
    ...(sameNative ? {} : { native: JSON.stringify(native ?? {}) }),
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
    }
  } catch {
    // Changed by hand: the objects themselves are read instead, which is all that is true then.
    return undefined
  }
}

/**
 * As much of the memo as still gives the live objects: all of it when nobody touched the objects, else the fields that
 * hold by themselves.
 */
export function applyMemo(plain: App, memo: Memo, fits: (app: App) => boolean): App {
  const entries = [
    ...Object.entries(memo.app).flatMap(([key, value]) =>
      isObject(value)
        ? Object.entries(value).map(([inner, part]) => ({ [key]: { [inner]: part } }))
        : [{ [key]: value }],
    ),
    ...(memo.native === undefined ? [] : [{ native: memo.native }]),
  ]
  const whole = candidate(plain, {
    ...memo.app,
    ...(memo.native === undefined ? {} : { native: memo.native }),
  })
  if (whole && fits(whole)) return whole
  let best = plain
  for (const entry of entries) {
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
      ...(merge(rest, fields) as App),
      ...(typeof native === 'string' ? nativeOf(native) : old === undefined ? {} : { native: old }),
    }
    const result = safeDefine(printApp(merged))
    return 'app' in result ? result.app : undefined
  } catch {
    // Not in the shape of an app: someone wrote the annotation by hand.
    return undefined
  }
}

function nativeOf(text: string): Pick<App, 'native'> {
  const native = JSON.parse(text) as NonNullable<App['native']>
  return Object.keys(native).length > 0 ? { native } : {}
}
