import type { ApplyCall } from 'intermodal'

export function call(signal = new AbortController().signal, force = false): ApplyCall {
  return { signal, deadline: Number.POSITIVE_INFINITY, force }
}
