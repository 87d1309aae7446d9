import { type App, type AppInput, nameOf } from 'intermodal'
import type { Report } from './loss.ts'
import { step } from './loss.ts'

/** Swarm expands `{{…}}` in variables, the host name and mount sources; this stands for a literal `{{`. */
const ESCAPED = '{{"{{"}}'

export function escapeTemplate(text: string): string {
  return text.replaceAll('{{', ESCAPED)
}

/** The text that was escaped; `undefined` when something in it is a template. */
export function unescapeTemplate(text: string): string | undefined {
  const plain = text.split(ESCAPED)
  return plain.some((part) => part.includes('{{')) ? undefined : plain.join('{{')
}

type Field = 'app.id' | 'app.name' | 'instance.name' | 'instance.ip' | 'node.name'

/** The host name of a stateful app's instances: it stays when an instance is replaced. */
export function stableHostname(app: Pick<App, 'id'>): string {
  const suffix = '-{{.Task.Slot}}'
  // Host names have 63 characters at most; the slot takes some of them.
  return `${nameOf(app.id).slice(0, 52)}${suffix}`
}

function fieldTemplate(app: App, field: Field): string | undefined {
  switch (field) {
    case 'app.id':
      return app.id
    case 'app.name':
      return nameOf(app.id)
    case 'instance.name':
      return app.kind === 'stateful' ? stableHostname(app) : '{{.Task.Name}}'
    case 'node.name':
      return '{{.Node.Hostname}}'
    case 'instance.ip':
      return undefined
  }
}

export function writeEnv(app: App, report: Report): string[] {
  return Object.entries(app.env).flatMap(([name, value]) => {
    const path = `/env${step(name)}`
    if (typeof value === 'string') return [`${name}=${escapeTemplate(value)}`]
    if ('field' in value) {
      const template = fieldTemplate(app, value.field)
      if (template !== undefined) return [`${name}=${template}`]
      report(
        'dropped',
        path,
        `Swarm has no template for ${value.field}`,
        'let the program ask its own network interface: hostname -i',
      )
      return []
    }
    const what = 'secret' in value ? 'secret' : 'config'
    report(
      'dropped',
      path,
      `Swarm gives a ${what} to a container as a file only, never as a variable`,
      `add it to "files" and let the program read the file, often by a variable such as ${name}_FILE`,
    )
    return []
  })
}

const FIELDS: Readonly<Record<string, 'instance.name' | 'node.name'>> = {
  '{{.Task.Name}}': 'instance.name',
  '{{.Node.Hostname}}': 'node.name',
}

/** Without what the model has no word for. */
export function readEnv(entries: readonly string[]): NonNullable<AppInput['env']> {
  const env: Record<string, string | { field: 'instance.name' | 'node.name' }> = {}
  for (const entry of entries) {
    const at = entry.indexOf('=')
    // `NAME` alone takes the variable out of the image's environment.
    if (at < 0 || !/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(entry.slice(0, at))) continue
    const value = entry.slice(at + 1)
    const literal = unescapeTemplate(value)
    const field = FIELDS[value]
    if (literal !== undefined) env[entry.slice(0, at)] = literal
    else if (field !== undefined) env[entry.slice(0, at)] = { field }
  }
  return env
}
