import { type AppInput, contentHash, printApp, safeDefine } from 'intermodal'
import type { Report } from '../report.ts'
import { Fields } from '../text/fields.ts'
import { type Node, plain } from '../text/node.ts'

/**
 * What the writer leaves under `x-intermodal` of a service: fields of the app that Compose has no words for, and a hash
 * of what their places said without them. Where somebody changed those places since, the file counts and the memo does
 * not.
 */
export interface Memo {
  readonly fields: Readonly<Record<string, unknown>>
  readonly check: string
}

export function memoCheck(app: object, fields: readonly string[]): string {
  const values = [...fields]
    .sort()
    .map((field) => [field, (app as Record<string, unknown>)[field] ?? null])
  return contentHash(JSON.stringify(values)).slice(0, 12)
}

export function applyMemo(input: AppInput, node: Node, report: Report): AppInput {
  const clause = new Fields(node, report)
  const check = clause.text('check')
  const stored = clause.take('fields')
  clause.take('id')
  for (const [key, { at }] of clause.rest())
    report.problem(at, `"${key}" is no key of x-intermodal`)
  const fields = stored && plain(stored)
  if (typeof fields !== 'object' || fields === null) return input
  const plainApp = printed(input)
  const merged = { ...input, ...(fields as Partial<AppInput>) }
  for (const [key, value] of Object.entries(merged))
    if (value === null) delete merged[key as keyof AppInput]
  if (check === memoCheck(plainApp, Object.keys(fields)) || same(printed(merged), plainApp))
    return merged
  report.loss(
    node.at,
    'warning',
    'was written for another text of this service, and is not believed any more',
    'remove x-intermodal, or render the file anew',
  )
  return input
}

function printed(input: AppInput): object {
  const result = safeDefine(input)
  return 'app' in result ? printApp(result.app) : input
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
