import { type App, type EnvValue, nameOf } from 'intermodal'
import { SINGLE_KEY } from './names.ts'
import { compact } from './patch.ts'
import type { EnvVar } from './wire.ts'

const FIELD_PATHS = {
  'instance.name': 'metadata.name',
  'instance.ip': 'status.podIP',
  'node.name': 'spec.nodeName',
} as const

/** Kubernetes replaces `$(NAME)` and reads `$$` as `$`; text that holds either has to be doubled to stay as it is. */
export function escapeDollars(text: string): string {
  return /\$[$(]/.test(text) ? text.replaceAll('$', '$$$$') : text
}

/** The text Kubernetes makes of it; `undefined` when that depends on variables. */
export function unescapeDollars(text: string): string | undefined {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char !== '$') out += char
    else if (text[at + 1] === '$') {
      out += '$'
      at++
    } else if (text[at + 1] === '(') return undefined
    else out += '$'
  }
  return out
}

export function writeEnv(app: App, env: App['env']): EnvVar[] {
  return Object.entries(env).map(([name, value]) => ({ name, ...writeValue(app, value) }))
}

function writeValue(app: App, value: EnvValue): Omit<EnvVar, 'name'> {
  if (typeof value === 'string') return { value: escapeDollars(value) }
  if ('secret' in value) {
    return { valueFrom: { secretKeyRef: { name: value.secret, key: value.key ?? SINGLE_KEY } } }
  }
  if ('config' in value) {
    return { valueFrom: { configMapKeyRef: { name: value.config, key: value.key ?? SINGLE_KEY } } }
  }
  if (value.field === 'app.id') return { value: app.id }
  if (value.field === 'app.name') return { value: nameOf(app.id) }
  return { valueFrom: { fieldRef: { fieldPath: FIELD_PATHS[value.field] } } }
}

/** The variables the model has words for; the rest is found by comparing. */
export function readEnv(list: readonly EnvVar[] = []): Record<string, EnvValue> {
  return Object.fromEntries(
    list.flatMap(({ name, value, valueFrom }) => {
      const read = valueFrom ? readSource(valueFrom) : unescapeDollars(String(value ?? ''))
      return read === undefined ? [] : [[name, read] as const]
    }),
  )
}

function readSource(source: NonNullable<EnvVar['valueFrom']>): EnvValue | undefined {
  const { secretKeyRef, configMapKeyRef, fieldRef } = source
  if (secretKeyRef?.name) return { secret: secretKeyRef.name, ...keyOf(secretKeyRef.key) }
  if (configMapKeyRef?.name) return { config: configMapKeyRef.name, ...keyOf(configMapKeyRef.key) }
  const field = Object.entries(FIELD_PATHS).find(([, path]) => path === fieldRef?.fieldPath)?.[0]
  return field === undefined ? undefined : { field: field as keyof typeof FIELD_PATHS }
}

export function keyOf(key: string): { readonly key?: string } {
  return compact({ key: key === SINGLE_KEY ? undefined : key }) as { key?: string }
}
