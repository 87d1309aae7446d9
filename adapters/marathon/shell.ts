/** One argument for `/bin/sh`, quoted only where it has to be. */
export function quote(argument: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument)
    ? argument
    : `'${argument.replaceAll("'", `'\\''`)}'`
}

export function commandLine(command: readonly string[]): string {
  return command.map(quote).join(' ')
}

/** The arguments of a line that `commandLine` could have written; `undefined` for anything a shell has to read. */
export function argumentsOf(line: string): readonly string[] | undefined {
  const found: string[] = []
  let rest = line
  while (rest !== '') {
    const [part = ''] = /^(?:[A-Za-z0-9_@%+=:,./-]|'[^']*'|\\')+/.exec(rest) ?? []
    if (part === '') return undefined
    found.push(
      part.replace(/'([^']*)'|\\'/g, (all, inner: string | undefined) => inner ?? all[1] ?? ''),
    )
    rest = rest.slice(part.length)
    if (rest === '') break
    if (!rest.startsWith(' ')) return undefined
    rest = rest.slice(1)
    if (rest === '') return undefined
  }
  return commandLine(found) === line ? found : undefined
}
