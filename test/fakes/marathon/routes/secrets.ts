import { z } from 'zod'
import { type Answer, Refused, wrongMethod } from '../errors.ts'
import { jsonBody } from '../http/request.ts'
import { read } from '../schema/read.ts'
import type { Route } from './parts.ts'

const PREFIX = '/secrets/v1/secret/default/'

/** The secret store of DC/OS, which lies beside Marathon on the address of its cluster. `undefined`: there is none. */
export function secretsRoute(store: Map<string, string> | undefined): Route {
  return (_marathon, request) => {
    const { path, method } = request
    if (!store || !path.startsWith(PREFIX)) return undefined
    const name = path.slice(PREFIX.length)
    const known = store.get(name)
    if (method === 'GET')
      return known === undefined ? missing() : { status: 200, json: { value: known } }
    if (method === 'DELETE') {
      return store.delete(name) ? { status: 204 } : missing()
    }
    if (method !== 'PUT' && method !== 'PATCH') throw wrongMethod()
    if (method === 'PUT' && known !== undefined) throw conflicting()
    if (method === 'PATCH' && known === undefined) return missing()
    const { value } = read(z.object({ value: z.string() }), jsonBody(request))
    store.set(name, value)
    return { status: method === 'PUT' ? 201 : 204 }
  }
}

function missing(): Answer {
  return { status: 404, json: { title: 'Not Found', code: 'ERR_UNKNOWN_SECRET' } }
}

function conflicting(): Refused {
  return new Refused({ status: 409, json: { title: 'Conflict', code: 'ERR_SECRET_EXISTS' } })
}
