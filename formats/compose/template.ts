/** What a variable's name maps to; `undefined` when it is not set. */
export type Lookup = (name: string) => string | undefined

export interface Substituted {
  readonly text: string
  /** Names that were neither set nor given a default. */
  readonly unset: readonly string[]
  /** Whether a `$` stood there that starts nothing. It was kept; Compose refuses it. */
  readonly stray: boolean
}

/** `${NAME:?why}` without a value, or a `${` that is no substitution. */
export class TemplateError extends Error {}

const NAME = /^[_a-zA-Z][_a-zA-Z0-9]*/

/**
 * Compose's interpolation: `$NAME`, `${NAME}`, `:-` `-` (default), `:?` `?` (required), `:+` `+` (alternative), each with
 * nested expressions, and `$$` for one `$`. Source: the Compose Specification, 12-interpolation.md. Throws a
 * `TemplateError`, whose message holds names and never values.
 */
export function substitute(text: string, lookup: Lookup): Substituted {
  const unset: string[] = []
  let stray = false
  const expand = (part: string): string => {
    let result = ''
    let rest = part
    for (;;) {
      const at = rest.indexOf('$')
      if (at < 0) return result + rest
      result += rest.slice(0, at)
      rest = rest.slice(at + 1)
      if (rest.startsWith('$')) {
        result += '$'
        rest = rest.slice(1)
      } else if (rest.startsWith('{')) {
        const end = closing(rest)
        result += braced(rest.slice(1, end))
        rest = rest.slice(end + 1)
      } else {
        const [name] = NAME.exec(rest) ?? []
        if (name === undefined) {
          stray = true
          result += '$'
          continue
        }
        result += plain(name)
        rest = rest.slice(name.length)
      }
    }
  }
  const plain = (name: string): string => {
    const value = lookup(name)
    if (value === undefined) unset.push(name)
    return value ?? ''
  }
  const braced = (inside: string): string => {
    const [name] = NAME.exec(inside) ?? []
    if (name === undefined) throw new TemplateError(`has "\${…}" without the name of a variable`)
    const rest = inside.slice(name.length)
    if (rest === '') return plain(name)
    const [, operator, word = ''] = /^(:?[-?+])([\s\S]*)$/.exec(rest) ?? []
    if (operator === undefined)
      throw new TemplateError(`has "\${${name}…}", which is no form of substitution`)
    const value = lookup(name)
    const there = value !== undefined && (operator.length === 1 || value !== '')
    switch (operator.at(-1)) {
      case '-':
        return there ? value : expand(word)
      case '+':
        return there ? expand(word) : ''
      default: {
        if (there) return value
        const why = word === '' ? '' : `: ${expand(word)}`
        throw new TemplateError(`needs the variable ${name}, which is not set${why}`)
      }
    }
  }
  return { text: expand(text), unset, stray }
}

/** The `}` that belongs to the `{` the text starts with. */
function closing(text: string): number {
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '{' && (index === 0 || text[index - 1] === '$')) depth += 1
    if (text[index] === '}') depth -= 1
    if (depth === 0) return index
  }
  throw new TemplateError('has a "${" that is never closed')
}
