import { stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Document } from './document.ts'
import type { Problem } from './problem.ts'
import { explainFsError } from './text.ts'

export const MODULE = /\.[mc]?[jt]s$/

export function isModule(path: string): boolean {
  return MODULE.test(path)
}

/** Imports a module of the user's. Node strips its types. */
export async function importModule(
  path: string,
): Promise<{ exports: Readonly<Record<string, unknown>> } | { problem: string }> {
  try {
    await stat(path)
  } catch (error) {
    return { problem: explainFsError(error) }
  }
  try {
    return { exports: (await import(pathToFileURL(path).href)) as Record<string, unknown> }
  } catch (error) {
    return { problem: `cannot be loaded: ${error instanceof Error ? error.message : error}` }
  }
}

/** A module's default export, or its export `apps`: an app, a list of apps or a group. */
export async function loadModule(
  file: string,
  folder: string,
  path: string,
): Promise<{ documents: readonly Document[]; problems: readonly Problem[] }> {
  const loaded = await importModule(path)
  if ('problem' in loaded) return { documents: [], problems: [{ file, message: loaded.problem }] }
  const value = loaded.exports.default ?? loaded.exports.apps
  if (value === undefined) {
    const message = 'exports no app: give it a default export, or an export named "apps"'
    return { documents: [], problems: [{ file, message }] }
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return {
    documents: values.map((value) => ({
      file,
      folder,
      value,
      isModule: true,
      locate: () => undefined,
    })),
    problems: values.length === 0 ? [{ file, message: 'exports an empty list of apps' }] : [],
  }
}
