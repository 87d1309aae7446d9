/** What a command does that this shell understands. */
export interface Run {
  readonly lines: readonly {
    /** Milliseconds from its start. */
    readonly after: number
    readonly stream: 'stdout' | 'stderr'
    readonly text: string
  }[]
  /** Absent: it never ends by itself. */
  readonly end?: { readonly after: number; readonly code: number } | undefined
}

/**
 * The few commands that containers of trials are started with: `sleep`, `echo`, `true`, `false`, `test A = B`, `env`,
 * `exit`, also one after the other in `sh -c`, where `$NAME` is what the environment has. `undefined`: something else,
 * of which nobody knows what it does.
 */
export function interpret(
  words: readonly string[],
  environment: readonly string[] = [],
): Run | undefined {
  const [name = '', ...rest] = words
  const shell = /^(?:\/bin\/)?(?:ba|da|a)?sh$/.test(name)
  if (!shell) return run([words], environment)
  const [flag, script] = rest
  if (flag === undefined || !/^-[a-z]*c$/.test(flag) || script === undefined) return undefined
  const commands = parse(filledIn(script, environment))
  return commands && run(commands, environment)
}

/** What is in single quotes stays as it is. A value that would be more than a word is not understood. */
function filledIn(script: string, environment: readonly string[]): string {
  return script.replaceAll(/'[^']*'|\$(?:(\w+)|\{(\w+)\})/g, (text, plain, braced) => {
    const name = plain ?? braced
    if (name === undefined) return text
    const found = environment.findLast((one) => one.startsWith(`${name}=`)) ?? ''
    const value = found.slice(name.length + 1)
    return /[\s;&|<>"'`$(){}\\]/.test(value) ? text : value
  })
}

/** Commands of a script, as words. Anything that is more than that is not understood. */
function parse(script: string): string[][] | undefined {
  const commands: string[][] = [[]]
  for (const [token] of script.matchAll(
    /"[^"$`\\]*"|'[^']*'|&&|;|\n|>&2|[^\s;&|<>"'`$(){}\\]+|\S/g,
  )) {
    if (token === ';' || token === '\n') commands.push([])
    else if (token === '&&') commands.push(['&&'])
    else if (token === '>&2') commands.at(-1)?.push(token)
    else if (/^["']/.test(token) && token.length > 1) commands.at(-1)?.push(token.slice(1, -1))
    else if (/^[^|&<>$`(){}\\"']+$/.test(token)) commands.at(-1)?.push(token)
    else return undefined
  }
  return commands.filter((words) => words.length > 0)
}

function run(
  commands: readonly (readonly string[])[],
  environment: readonly string[],
): Run | undefined {
  const lines: Run['lines'][number][] = []
  let after = 0
  let code = 0
  for (const given of commands) {
    const chained = given[0] === '&&'
    if (chained && code !== 0) continue
    const words = chained ? given.slice(1) : given
    const [name, ...rest] = words[0] === 'exec' ? words.slice(1) : words
    if (name === 'exit')
      return { lines, end: { after, code: rest[0] ? Number(rest[0]) & 255 : code } }
    if (name === 'true' || name === ':') code = 0
    else if (name === 'false') code = 1
    else if (name === 'test' || name === '[') {
      const holds = isEqual(name === '[' ? rest.slice(0, -1) : rest)
      if (holds === undefined) return undefined
      code = holds ? 0 : 1
    } else if (name === 'env' && rest.length === 0) {
      for (const text of environment) lines.push({ after, stream: 'stdout', text })
      code = 0
    } else if (name === 'echo') {
      const stream = rest.includes('>&2') ? 'stderr' : 'stdout'
      const text = rest.filter((word) => word !== '>&2').join(' ')
      lines.push({ after, stream, text })
      code = 0
    } else if (name === 'sleep') {
      const length = duration(rest)
      if (length === undefined) return undefined
      if (length === Number.POSITIVE_INFINITY) return { lines }
      after += length
      code = 0
    } else return undefined
  }
  return { lines, end: { after, code } }
}

/** `A = B`, `A != B`. An empty word has vanished before anybody compares it. */
function isEqual(words: readonly string[]): boolean | undefined {
  const at = words.findIndex((word) => word === '=' || word === '!=')
  if (at < 0 || words.length > 3) return undefined
  return (words.slice(0, at).join(' ') === words.slice(at + 1).join(' ')) === (words[at] === '=')
}

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }

function duration(words: readonly string[]): number | undefined {
  let total = 0
  for (const word of words) {
    if (word === 'infinity' || word === 'inf') return Number.POSITIVE_INFINITY
    const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(word) ?? []
    if (amount === undefined) return undefined
    total += Number(amount) * (UNITS[unit] ?? 0)
  }
  return words.length > 0 ? total : undefined
}
