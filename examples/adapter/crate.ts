import { isDeepStrictEqual } from 'node:util'
import { type App, defineApp, type Interpretation, type Loss, type Translation } from 'intermodal'
import type { Crate } from './yard.ts'

/** The app as a crate, and whatever of it a crate has no place for. */
export function translate(app: App): Translation<Crate> {
  const { id, image, replicas, env, labels, annotations, native: _, ...rest } = app
  const plain = defineApp({ id, image })
  const losses = Object.entries(rest).flatMap(([key, value]): Loss[] => {
    if (isDeepStrictEqual(value, plain[key as keyof App])) return []
    const kind = key === 'kind' ? 'refused' : 'dropped'
    return [{ path: `/${key}`, kind, detail: 'a crate has nothing of the kind' }]
  })
  return { native: { name: id, image, count: replicas, env, labels, notes: annotations }, losses }
}

/** The way back. */
export function interpret({ name, image, count, env, labels, notes }: Crate): Interpretation {
  const replicas = count === undefined ? {} : { replicas: count }
  const input = { id: name, image, env, labels, annotations: notes, ...replicas }
  return { app: defineApp(input as Parameters<typeof defineApp>[0]), losses: [] }
}
