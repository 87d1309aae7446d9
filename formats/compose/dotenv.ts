import { type Lookup, substitute, TemplateError } from './template.ts'

/**
 * The variables of an env file, as Compose reads them: `KEY=value`, `export KEY=value`, comments, single quotes for
 * literal text, double quotes for escapes and variables, both over several lines. A `KEY` alone takes its value from
 * `lookup`. Lines that are none of these come back as problems, by their number.
 */
export function parseDotenv(
  text: string,
  lookup: Lookup,
): {
  readonly variables: ReadonlyMap<string, string>
  readonly problems: readonly { readonly line: number; readonly message: string }[]
} {
  const variables = new Map<string, string>()
  const problems: { line: number; message: string }[] = []
  const within: Lookup = (name) => lookup(name) ?? variables.get(name)
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  let at = 0
  while (at < source.length) {
    const line = source.slice(0, at).split('\n').length
    const end = source.indexOf('\n', at) < 0 ? source.length : source.indexOf('\n', at)
    const written = source.slice(at, end)
    at = end + 1
    if (/^\s*(?:#|$)/.test(written)) continue
    const [head, name = '', separator] =
      /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*([=:]?)[ \t]*/.exec(written) ?? []
    const rest = head === undefined ? '' : written.slice(head.length)
    if (head === undefined || (separator === '' && rest !== '' && !rest.startsWith('#'))) {
      problems.push({ line, message: 'is no KEY=value' })
      continue
    }
    if (separator === '') {
      const value = lookup(name)
      if (value !== undefined) variables.set(name, value)
      continue
    }
    const quoted = quotedAt(source, at - 1 - rest.length)
    if (quoted) {
      const next = source.indexOf('\n', quoted.end)
      at = next < 0 ? source.length : next + 1
    }
    try {
      variables.set(name, quoted ? quoted.read(within) : bare(rest, within))
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      problems.push({ line, message: error.message })
    }
  }
  return { variables, problems }
}

function bare(text: string, lookup: Lookup): string {
  return substitute(text.replace(/(?:^|\s)#.*$/, '').trim(), lookup).text
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function quotedAt(
  source: string,
  start: number,
): { readonly end: number; read(lookup: Lookup): string } | undefined {
  const quote = source[start]
  if (quote !== '"' && quote !== "'") return undefined
  let end = start + 1
  while (end < source.length && source[end] !== quote) end += source[end] === '\\' ? 2 : 1
  if (end >= source.length) return undefined
  const inside = source.slice(start + 1, end)
  if (quote === "'") return { end, read: () => inside }
  return {
    end,
    read: (lookup) =>
      substitute(
        inside.replace(/\\([\s\S])/g, (all, char: string) =>
          char === '$' ? '$$' : (ESCAPES[char] ?? (char === '"' || char === '\\' ? char : all)),
        ),
        lookup,
      ).text,
  }
}
