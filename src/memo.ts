import { safeDefine } from './app/define.ts'
import { printApp } from './app/print.ts'
import type { App } from './app/schema.ts'
import { diffPatch, isObject, mergePatch, sameJson } from './merge-patch.ts'

/**
 * What an app says and its native form has no word for: dependencies on an engine without any, a budget in percent where
 * the engine counts, the names of volumes. An adapter keeps it beside the native form, in a label or an annotation, as the
 * difference to what reading that form gives: so a plan shows no change where nothing changed, and a migration starts
 * from what was meant. `replicas` is the engine's, and never in it.
 */
export interface Memo {
  /** A merge patch (RFC 7396), by the app's fields. */
  readonly app: Readonly<Record<string, unknown>>
  /** As text: a native patch may hold `null`, which means "remove" in a difference. */
  readonly native?: string
  /** The instances that shares in percent were worked out for, where the engine only takes counts; 1 when absent. */
  readonly of?: number
}

/**
 * The memo as text, `undefined` when the native form says it all. `plain` is what reading the translated app gives
 * without a memo.
 */
export function writeMemo(app: App, plain: App, of = 1): string | undefined {
  const { replicas: _, native, ...wanted } = app
  const { replicas: __, native: plainNative, ...found } = plain
  const patch = diffPatch(found, wanted)
  const sameNative = sameJson(native, plainNative)
  if (patch === undefined && sameNative) return undefined
  return JSON.stringify({
    app: isObject(patch) ? patch : {},
    ...(sameNative ? {} : { native: JSON.stringify(native ?? {}) }),
    ...(of === 1 ? {} : { of }),
  } satisfies Memo)
}

/** `undefined` for a text that is none: someone changed it by hand, and the native form is all that is true then. */
export function readMemo(text: string | undefined): Memo | undefined {
  const memo = text === undefined ? undefined : parsed(text)
  if (!isObject(memo) || !isObject(memo.app)) return undefined
  return {
    app: memo.app,
    ...(typeof memo.native === 'string' ? { native: memo.native } : {}),
    ...(typeof memo.of === 'number' ? { of: memo.of } : {}),
  }
}

/**
 * As much of the memo as still gives the live objects: all of it when nobody touched them, else the fields that hold by
 * themselves. `fits` says whether an app, translated again, means what is live.
 */
export function applyMemo(plain: App, memo: Memo, fits: (app: App) => boolean): App {
  const native = memo.native === undefined ? {} : { native: memo.native }
  const whole = candidate(plain, { ...memo.app, ...native })
  if (whole && fits(whole)) return whole
  let best = plain
  for (const field of [...fieldsOf(memo.app), ...(memo.native === undefined ? [] : [native])]) {
    const next = candidate(best, field)
    if (next && fits(next)) best = next
  }
  return best
}

/** One by one, those of a nested field too. */
function fieldsOf(patch: Memo['app']): Record<string, unknown>[] {
  return Object.entries(patch).flatMap(([key, value]) =>
    isObject(value)
      ? Object.entries(value).map(([inner, part]) => ({ [key]: { [inner]: part } }))
      : [{ [key]: value }],
  )
}

function candidate(app: App, change: Readonly<Record<string, unknown>>): App | undefined {
  const { native: text, ...fields } = change
  const { native: old, ...rest } = app
  const native = typeof text === 'string' ? parsed(text) : old
  if (text !== undefined && native === undefined) return undefined
  try {
    const merged = { ...(mergePatch(rest, fields) as App), ...nativeOf(native) }
    const result = safeDefine(printApp(merged))
    return 'app' in result ? result.app : undefined
  } catch {
    // Not in the shape of an app: someone wrote the memo by hand.
    return undefined
  }
}

function nativeOf(native: unknown): Pick<App, 'native'> {
  const given = isObject(native) && Object.keys(native).length > 0
  return given ? { native: native as NonNullable<App['native']> } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
