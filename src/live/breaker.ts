import { formatDuration } from '../app/quantity.ts'
import type { Clock } from '../clock.ts'
import { IntermodalError } from '../errors.ts'

/** Calls that hang or work together: a runtime that hangs leaves listings alone, and the other way round. */
export type CallClass = 'read' | 'write' | 'runtime'

const FIRST_REST = 5_000
const LONGEST_REST = 60_000

interface Circuit {
  openUntil: number
  rest: number
  probing: boolean
}

/**
 * After one call that got no answer, answers at once for its class instead of letting every caller wait as long; lets
 * one call through from time to time, and everything again when that one is answered.
 */
export class Breaker {
  readonly #clock: Clock
  readonly #circuits = new Map<CallClass, Circuit>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws `UNAVAILABLE` while the class rests. A call let through must be reported with `answered` or `silent`. */
  enter(kind: CallClass): void {
    const circuit = this.#circuits.get(kind)
    if (!circuit) return
    const wait = circuit.openUntil - this.#clock.now()
    if (wait <= 0 && !circuit.probing) {
      circuit.probing = true
      return
    }
    throw new IntermodalError('UNAVAILABLE', 'the cluster did not answer the last call in time', {
      remedy:
        wait > 0
          ? `it is asked again in ${formatDuration(wait)}; check the engine meanwhile`
          : 'it is being asked again right now; check the engine meanwhile',
      retryAfter: Math.max(0, wait),
    })
  }

  /** Any answer will do, a refusal too. */
  answered(kind: CallClass): void {
    this.#circuits.delete(kind)
  }

  silent(kind: CallClass): void {
    const before = this.#circuits.get(kind)
    const rest = before ? Math.min(before.rest * 2, LONGEST_REST) : FIRST_REST
    this.#circuits.set(kind, { openUntil: this.#clock.now() + rest, rest, probing: false })
  }

  /** The probe was given up before it could tell anything. */
  released(kind: CallClass): void {
    const circuit = this.#circuits.get(kind)
    if (circuit) circuit.probing = false
  }
}
