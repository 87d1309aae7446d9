import { parseAllDocuments } from 'yaml'

/** Values nobody expects where they are put. */
const ODD: readonly unknown[] = [
  ...[null, true, '', 'text', -1, 0, 1e308, Number.MAX_SAFE_INTEGER + 2, 0.1],
  ...[[], {}, [null], [[]], { '': '' }, [{}], { name: null }, 'a'.repeat(300), '\u0000', '\ud800'],
]

/** What happens to texts between one tool and the next. */
const SPOILED: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(at),
  (text, at) => `${text.slice(0, at)}\t${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}{{ .Values.x }}${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\n<<<<<<< HEAD\n${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\u0000${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}*x ${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}: - [ ${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\n---\n${text.slice(at)}`,
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text + text,
]

export const WAYS = ODD.length + SPOILED.length + 3

/** A text with one thing wrong: which one, by a number under `WAYS`, and where, from 0 to 1. */
export function spoiled(text: string, way: number, where: number): string {
  const spoil = SPOILED[way]
  if (spoil) return spoil(text, Math.floor(where * text.length))
  const documents: unknown[] = parseAllDocuments(text, { merge: true, logLevel: 'silent' }).map(
    (document): unknown => (document.errors.length > 0 ? null : document.toJS()),
  )
  const places = documents.flatMap((document) => [...placesIn(document)])
  const place = places[Math.floor(where * places.length)]
  if (!place) return text
  const [holder, key] = place
  const change = way - SPOILED.length
  if (change < ODD.length) holder[key] = ODD[change]
  else if (change === ODD.length) delete holder[key]
  else if (change === ODD.length + 1) holder[`${key}x`] = holder[key]
  else holder[key] = [holder[key], holder[key]]
  return documents.map((document) => JSON.stringify(document)).join('\n---\n')
}

type Holder = Record<string, unknown>

function* placesIn(value: unknown): Generator<readonly [holder: Holder, key: string]> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    yield [value as Holder, key]
    yield* placesIn(inner)
  }
}
