import { isObject } from './patch.ts'

export interface ErrorBody {
  readonly text?: string
  readonly deployments?: readonly string[]
}

const LONGEST = 500

/**
 * What an error answer says, whatever its shape: `message` with `details` as text or as a list, `errors` of Marathon before 0.15,
 * a pod's error as JSON within JSON, a page of HTML, or nothing.
 */
export function readErrorBody(body: string): ErrorBody {
  const value = parse(body)
  if (!isObject(value)) return plain(typeof value === 'string' ? value : '')
  const message = typeof value.message === 'string' ? value.message : undefined
  // A sentence is no JSON, and finding that out by failing costs more than the rest of it.
  const nested = message?.startsWith('{') ? parse(message) : undefined
  if (isObject(nested) && typeof nested.message === 'string') return readErrorBody(message ?? '')
  const parts = [message, ...details(value.details), ...attributes(value.errors)]
  const text = [...new Set(parts.filter((part) => part !== undefined && part !== ''))].join('; ')
  const deployments = ids(value.deployments)
  return { ...plain(text), ...(deployments.length > 0 ? { deployments } : {}) }
}

function plain(text: string): ErrorBody {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line === '') return {}
  return { text: line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // HTML of a proxy or of Jetty, or nothing: it explains no more than its status does.
    return undefined
  }
}

function details(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return []
  return value.filter(isObject).map(({ path, errors, message }) => {
    const said = Array.isArray(errors) ? errors.map(String).join(', ') : String(message ?? '')
    return typeof path === 'string' && path !== '/' ? `${path}: ${said}` : said
  })
}

function attributes(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value.map((entry) =>
    isObject(entry)
      ? [entry.attribute, entry.error ?? entry.message]
          .filter((part) => part !== undefined)
          .join(': ')
      : String(entry),
  )
}

function ids(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry) =>
    isObject(entry) && typeof entry.id === 'string'
      ? [entry.id]
      : typeof entry === 'string'
        ? [entry]
        : [],
  )
}
