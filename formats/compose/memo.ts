import { type AppInput, canonicalJson, contentHash, printApp, safeDefine } from 'intermodal'
import type { Report } from '../report.ts'
import { Fields } from '../text/fields.ts'
import { type Node, plain } from '../text/node.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * What the writer leaves under `x-intermodal` of a service: fields of the app that Compose has no words for, `null` for
 * one that is not there, and for each a hash of what the rest of the file says of it. Where somebody changed that since,
 * the file counts and the memo does not.
 */
export interface Memo {
  readonly fields: Json
  readonly check: Readonly<Record<string, string>>
}

/** The fields that differ; `undefined` when the file says everything. */
export function memoOf(wanted: AppInput, found: AppInput): Memo | undefined {
  const [a, b] = [wanted, found] as unknown as [Json, Json]
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => canonicalJson(a[key] ?? null) !== canonicalJson(b[key] ?? null),
  )
  if (keys.length === 0) return undefined
  return {
    fields: Object.fromEntries(keys.map((key) => [key, a[key] ?? null])),
    check: Object.fromEntries(keys.map((key) => [key, contentHash(b[key] ?? null)])),
  }
}

export function applyMemo(input: AppInput, node: Node, report: Report): AppInput {
  const clause = new Fields(node, report)
  const stored = clause.take('fields')
  const check = clause.fields('check')
  clause.take('id')
  for (const [key, { at }] of clause.rest())
    report.problem(at, `"${key}" is no key of x-intermodal`)
  if (stored?.type !== 'map') return input
  const found = printed(input)
  const merged: Record<string, unknown> = { ...input }
  for (const [key, value] of stored.entries) {
    const wanted = plain(value)
    const same = canonicalJson(found[key] ?? null) === canonicalJson(wanted)
    if (!same && check.text(key) !== contentHash(found[key] ?? null)) {
      report.loss(
        value.at,
        'warning',
        'was written for another text of this service, and is not believed any more',
        'remove it from x-intermodal, or render the file anew',
      )
    } else if (wanted === null) delete merged[key]
    else merged[key] = wanted
  }
  return merged as unknown as AppInput
}

function printed(input: AppInput): Json {
  const result = safeDefine(input)
  return ('app' in result ? printApp(result.app) : input) as unknown as Json
}
