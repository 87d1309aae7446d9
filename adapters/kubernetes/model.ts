import type { AppInput } from 'intermodal'

export type VolumeInput = NonNullable<AppInput['volumes']>[string]

/** The grammar of names in the model. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
}
