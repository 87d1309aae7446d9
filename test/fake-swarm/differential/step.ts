import type { Answer } from './engine.ts'
import { plain, type Shape, shapeOf } from './shape.ts'

/** What was heard of one request. */
export interface Step {
  readonly asked: string
  readonly status: number
  /** Of an error. */
  readonly message?: string
  readonly shape?: Shape
  /** Of an answer that is no JSON: what it says. */
  readonly text?: string
  readonly type?: string
}

export function versioned(path: string): string {
  return /^\/v[\d.x]+\//.test(path) || path.startsWith('/_') ? path : `/v1.41${path}`
}

export function parsed({ headers, text }: Answer): unknown {
  if (!String(headers['content-type']).startsWith('application/json')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The step, without what is never the same twice. */
export function stepOf(
  asked: string,
  { status, headers, text }: Pick<Answer, 'status' | 'headers' | 'text'>,
  json: unknown,
): Step {
  const type = headers['content-type']
  const base = { asked, status, ...(type === undefined ? {} : { type }) }
  if (typeof json === 'string')
    return { ...base, ...(text === '' ? {} : { text: plain(text.trim()) }) }
  const { message } = (json ?? {}) as { readonly message?: unknown }
  if (status >= 400 && typeof message === 'string') return { ...base, message: plain(message) }
  return { ...base, shape: shapeOf(json) }
}
