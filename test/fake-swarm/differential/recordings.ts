import { readFile, writeFile } from 'node:fs/promises'
import type { Heard } from './talk.ts'

/** What a real engine was heard to say, and which one it was. */
export interface Recording extends Heard {
  readonly engine: string
}

function place(name: string): URL {
  return new URL(`../recorded/${name}.json`, import.meta.url)
}

export async function readRecording(name: string): Promise<Recording> {
  return JSON.parse(await readFile(place(name), 'utf8')) as Recording
}

export async function writeRecording(name: string, recording: Recording): Promise<void> {
  await writeFile(place(name), `${JSON.stringify(recording, undefined, 1)}\n`)
}
