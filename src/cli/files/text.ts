import { readFile, stat } from 'node:fs/promises'

/** App files are written by hand; anything larger is another kind of file. */
const MAX_BYTES = 4 * 1024 * 1024
const TOO_LARGE = `is larger than ${MAX_BYTES / 1024 / 1024} MiB: not an app file`

/** Decodes what a person wrote, or says in a few words why it is no text. */
export function decodeText(bytes: Uint8Array): { text: string } | { problem: string } {
  if (bytes.length > MAX_BYTES) return { problem: TOO_LARGE }
  if (bytes.includes(0)) return { problem: 'is a binary file, not YAML or JSON' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { problem: 'is not UTF-8 text' }
  }
}

export async function readText(path: string): Promise<{ text: string } | { problem: string }> {
  try {
    const info = await stat(path)
    if (info.isDirectory()) return { problem: 'is a directory, not a file' }
    if (info.size > MAX_BYTES) return { problem: TOO_LARGE }
    return decodeText(await readFile(path))
  } catch (error) {
    return { problem: explainFsError(error) }
  }
}

export function explainFsError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
      return 'does not exist'
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied'
    case 'ELOOP':
      return 'is a symbolic link that leads to itself'
    case 'ENOTDIR':
      return 'does not exist: a part of its path is not a directory'
    default:
      return `cannot be read (${code ?? (error instanceof Error ? error.message : error)})`
  }
}
