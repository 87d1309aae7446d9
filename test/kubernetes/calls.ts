import type { ChangeCall } from 'intermodal'

export function call(signal = new AbortController().signal, force = false): ChangeCall {
  return { signal, deadline: Number.POSITIVE_INFINITY, force }
}
