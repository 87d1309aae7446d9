import { posix } from 'node:path'
import { Fields, textOf } from '../text/fields.ts'
import type { MapNode, Node } from '../text/node.ts'
import { mergeMaps } from './merge.ts'
import { type Loading, loadProject, type ProjectFile } from './project.ts'
import type { Lookup } from './template.ts'

/** What `include` brings, each as a project of its own with its own `.env`. Source: 14-include.md. */
export async function readIncludes(
  root: MapNode,
  file: ProjectFile,
  loading: Loading,
  lookup: Lookup,
  chain: readonly string[],
): Promise<MapNode | undefined> {
  const { report } = loading
  const here = [...chain, file.file]
  let joined: MapNode | undefined
  for (const entry of new Fields(root, report).list('include')) {
    const { paths, directory, envFiles } = readEntry(entry, loading)
    const files: ProjectFile[] = []
    for (const path of paths) {
      const place = posix.join(file.base, path)
      const shown = loading.shown(place)
      if (here.includes(shown)) {
        report.problem(entry.at, `includes itself: ${[...here, shown].join(' includes ')}`)
        continue
      }
      const found = await loading.read(place)
      if ('problem' in found) {
        report.loss(
          entry.at,
          'dropped',
          `${path} ${found.problem}: its services are missing here`,
          'import the file together with the files it refers to, in one folder',
        )
        continue
      }
      const base =
        directory === undefined
          ? posix.dirname(posix.join(file.base, paths[0] ?? path))
          : posix.join(file.base, directory)
      files.push({ file: shown, text: found.text, base: base === '.' ? '' : base })
    }
    if (files.length === 0) continue
    const included = await loadProject(
      files,
      // What the including project knows counts for the included one, before its own .env.
      { ...loading, env: lookup },
      {
        chain: [...here, ...files.slice(1).map(({ file }) => file)],
        ...(envFiles.length > 0
          ? { envFiles: envFiles.map((path) => posix.join(file.base, path)) }
          : {}),
      },
    )
    if (included) joined = joined ? mergeMaps(joined, included) : included
  }
  return joined
}

function readEntry(
  entry: Node,
  { report }: Loading,
): {
  readonly paths: readonly string[]
  readonly directory?: string | undefined
  readonly envFiles: readonly string[]
} {
  if (entry.type === 'scalar') {
    const path = textOf(entry, report)
    return { paths: path === undefined ? [] : [path], envFiles: [] }
  }
  const fields = new Fields(entry, report)
  const paths = fields.texts('path').map(({ text }) => text)
  const directory = fields.text('project_directory')
  const envFiles = fields.texts('env_file').map(({ text }) => text)
  for (const [key, { at }] of fields.rest()) report.problem(at, `"${key}" is no key of include`)
  if (paths.length === 0) report.problem(entry.at, 'needs the path of a file to include')
  return { paths, directory, envFiles }
}
