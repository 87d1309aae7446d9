import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { IntermodalError } from 'intermodal'
import type { Crate, Entry } from './yard.ts'

/** The calls we make. Absence is `undefined`, an abort rethrows the signal's reason, the rest is an `IntermodalError`. */
export class Calls {
  readonly #url: string
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #open = new AbortController()

  constructor(url: string) {
    this.#url = url
  }

  async all(signal: AbortSignal): Promise<readonly Entry[]> {
    return (await this.#send('GET', '', signal)) as readonly Entry[]
  }

  async one(name: string, signal: AbortSignal): Promise<Entry | undefined> {
    return (await this.#send('GET', name, signal)) as Entry | undefined
  }

  /** Over that version of it and no other; 0 for one that is not there. Throws `CONFLICT`. */
  async put(crate: Crate, over: number, signal: AbortSignal): Promise<Entry> {
    return (await this.#send('PUT', crate.name, signal, crate, over)) as Entry
  }

  async delete(name: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#send('DELETE', name, signal)) !== undefined
  }

  /** Ends every call that is under way. */
  close(): void {
    const remedy = 'make a new one'
    this.#open.abort(
      new IntermodalError('UNAVAILABLE', 'the crane was disposed of', { retryable: false, remedy }),
    )
    this.#agent.destroy()
  }

  async #send(
    method: string,
    name: string,
    caller: AbortSignal,
    body?: Crate,
    over?: number,
  ): Promise<unknown> {
    const signal = AbortSignal.any([caller, this.#open.signal])
    signal.throwIfAborted()
    try {
      const request = http.request(`${this.#url}/crates/${encodeURIComponent(name)}`, {
        method,
        signal,
        agent: this.#agent,
        headers: { 'if-match': String(over ?? '') },
      })
      request.on('error', () => {}) // Told by `once`; after an answer there is nobody left to tell.
      request.end(body ? JSON.stringify(body) : '')
      const [answer] = (await once(request, 'response', { signal })) as [IncomingMessage]
      const said = JSON.parse(await text(answer)) as unknown
      if (answer.statusCode === 404) return undefined
      if (answer.statusCode === 200) return said
      throw refused(name, answer.statusCode)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (IntermodalError.is(error)) throw error
      throw failed(error)
    }
  }
}

function refused(name: string, status: number | undefined): IntermodalError {
  if (status === 412)
    return new IntermodalError('CONFLICT', `${name} was changed meanwhile`, { app: name })
  const code = (status ?? 0) >= 500 ? 'UNAVAILABLE' : 'PROTOCOL'
  return new IntermodalError(code, `the yard answers ${status}`)
}

/** Known parts only: what a server or a parser says may hold a secret. */
function failed(error: unknown): IntermodalError {
  if (error instanceof SyntaxError)
    return new IntermodalError('PROTOCOL', 'the yard’s answer is no JSON')
  const { code } = error as NodeJS.ErrnoException
  return new IntermodalError('UNAVAILABLE', `the yard cannot be reached (${code})`, {
    remedy: 'check that it runs',
  })
}
