import { nextRandom } from '../../../../adapters/simulated/world/random.ts'

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Names for things, by chance that a seed decides. */
export class Identities {
  readonly #state: { random: number }

  constructor(seed: number) {
    this.#state = { random: seed | 0 }
  }

  /** As objects of the swarm have them: 25 characters. */
  swarm(): string {
    return this.#draw(25, 36)
  }

  /** As containers, execs and local networks have them. */
  local(): string {
    return this.#draw(64, 16)
  }

  /** A name for a service that was given none. */
  word(): string {
    return `${this.#pick(LEFT)}_${this.#pick(RIGHT)}`
  }

  below(limit: number): number {
    return Math.floor(nextRandom(this.#state) * limit)
  }

  #pick(words: readonly string[]): string {
    return words[this.below(words.length)] as string
  }

  #draw(length: number, base: number): string {
    return Array.from({ length }, () => DIGITS[this.below(base)]).join('')
  }
}

const LEFT = ['admiring', 'brave', 'clever', 'eager', 'gifted', 'jolly', 'quirky', 'serene']
const RIGHT = ['curie', 'darwin', 'euler', 'hopper', 'lamport', 'lovelace', 'noether', 'turing']
