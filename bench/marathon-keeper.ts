import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A Marathon that keeps what it is given and runs nothing of it: what it costs is not measured. Any message empties it. */
const kept = new Map<string, object>()
let time = Date.UTC(2026, 0, 1)

const server = createServer(async (request, response) => {
  const { method, url = '' } = request
  const [path = ''] = url.split('?')
  const id = path.match(/^\/v2\/(?:apps|pods)(\/.+?)(?:\/versions|::status)?$/)?.[1] ?? ''
  let [status, answer]: [number, unknown] = [404, { message: `App '${id}' does not exist` }]
  if (path === '/v2/info') [status, answer] = [200, { name: 'marathon', version: '1.10.26' }]
  else if (path === '/v2/deployments') [status, answer] = [200, []]
  else if (method === 'PUT') {
    const version = new Date(time++).toISOString()
    const versionInfo = { lastScalingAt: version, lastConfigChangeAt: version }
    kept.set(id, { ...((await json(request)) as object), version, versionInfo, deployments: [] })
    ;[status, answer] = [200, { version, deploymentId: '5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43' }]
  } else if (path.startsWith('/v2/apps') && kept.has(id)) {
    const app = kept.get(id) as { readonly version: string }
    ;[status, answer] = [200, path.endsWith('/versions') ? { versions: [app.version] } : { app }]
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.(`http://127.0.0.1:${port}`)
})
process.on('message', () => {
  kept.clear()
  process.send?.('empty')
})
