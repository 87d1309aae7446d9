import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { explainFsError, readText } from './text.ts'

/**
 * The text of a file that an app file refers to. It has to be in the app file's folder or below it, after every
 * symbolic link is followed, so that an app file from someone else cannot carry `/etc/shadow` or `~/.ssh` to a cluster.
 */
export async function readReference(
  folder: string,
  reference: string,
): Promise<{ text: string } | { problem: string }> {
  if (isAbsolute(reference))
    return { problem: `is an absolute path: files have to be in the app file's folder` }
  const wanted = resolve(folder, reference)
  if (!isInside(folder, wanted)) return { problem: OUTSIDE }
  let real: string
  try {
    const root = await realpath(folder)
    real = await realpath(join(root, relative(folder, wanted)))
    if (!isInside(root, real)) return { problem: OUTSIDE }
  } catch (error) {
    return { problem: explainFsError(error) }
  }
  return readText(real)
}

const OUTSIDE = "leads out of the app file's folder"

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
