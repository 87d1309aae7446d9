import { type Document, isRecord, type Path } from './document.ts'
import { readReference } from './references.ts'

type Fail = (path: Path, message: string) => undefined

/**
 * An app as written, with each `files: { /etc/x: { fromFile: ./x } }` replaced by the content of that file, in the app,
 * its sidecars and its init containers.
 */
export async function fillContent(
  document: Document,
  base: Path,
  input: unknown,
  fail: Fail,
): Promise<unknown> {
  if (!isRecord(input)) return input
  const fill = (path: Path, container: unknown) => fillContainer(document, path, container, fail)
  const filled = (await fill(base, input)) as Record<string, unknown>
  const { sidecars, init } = filled
  return {
    ...filled,
    ...(isRecord(sidecars) && {
      sidecars: Object.fromEntries(
        await Promise.all(
          Object.entries(sidecars).map(async ([name, sidecar]) => [
            name,
            await fill([...base, 'sidecars', name], sidecar),
          ]),
        ),
      ),
    }),
    ...(Array.isArray(init) && {
      init: await Promise.all(init.map((one, index) => fill([...base, 'init', index], one))),
    }),
  }
}

async function fillContainer(
  document: Document,
  base: Path,
  container: unknown,
  fail: Fail,
): Promise<unknown> {
  if (!isRecord(container) || !isRecord(container.files)) return container
  const files: Record<string, unknown> = {}
  for (const [path, source] of Object.entries(container.files)) {
    files[path] = await fillFile(document, [...base, 'files', path], source, fail)
  }
  return { ...container, files }
}

async function fillFile(
  document: Document,
  path: Path,
  source: unknown,
  fail: Fail,
): Promise<unknown> {
  if (!isRecord(source) || !('fromFile' in source)) return source
  const { fromFile, ...rest } = source
  if (typeof fromFile !== 'string' || 'content' in rest) {
    fail(path, 'needs { fromFile: ./path } with a relative path, and no content beside it')
    return { content: '' }
  }
  const read = await readReference(document.folder, fromFile)
  if ('problem' in read) fail([...path, 'fromFile'], `"${fromFile}" ${read.problem}`)
  // Where it could not be read the app is checked on as if it were empty, so that all problems show at once.
  return { ...rest, content: 'text' in read ? read.text : '' }
}
