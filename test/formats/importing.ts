import { type AppInput, printApp } from 'intermodal'
import { type Imported, type ImportOptions, importApps } from 'intermodal/import'

/** Files by their path in one folder, which nothing leads out of. */
export function folder(files: Readonly<Record<string, string>>): ImportOptions['read'] {
  return async (_, path) => {
    if (path.startsWith('../')) return { problem: "leads out of the app file's folder" }
    const text = files[path.replace(/^\.\//, '')]
    return text === undefined ? { problem: 'does not exist' } : { text }
  }
}

/** `compose.yaml` of the given files, in the project `shop`. */
export async function compose(
  text: string,
  options: ImportOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Imported> {
  const { files = {}, ...rest } = options
  return importApps([{ file: 'compose.yaml', text, folder: '/home/shop' }], {
    read: folder(files),
    ...rest,
  })
}

/** One service `web` with these lines, as the app it becomes. */
export async function service(
  lines: string,
  rest = '',
  options: ImportOptions = {},
): Promise<Imported & { readonly app: AppInput }> {
  const body = lines.trim().replaceAll(/^/gm, '    ')
  const text = `services:\n  web:\n    image: web:1\n${body}\n${rest}`
  const imported = await compose(text, options)
  const [app] = imported.apps.filter(({ id }) => id === '/shop/web')
  if (!app) throw new Error(imported.problems.map(({ message }) => message).join('; '))
  return { ...imported, app: printApp(app) }
}

/** `kind pointer` of each loss. */
export function told({ losses }: Imported): string[] {
  return losses.map(({ kind, path }) => `${kind} ${path}`)
}

/** `line: message` of each problem. */
export function wrong({ problems }: Imported): string[] {
  return problems.map(({ line, path, message }) => `${line ?? '-'} ${path ?? ''}: ${message}`)
}
