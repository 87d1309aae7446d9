import { readFile } from 'node:fs/promises'
import type { MarathonOptions } from 'intermodal/marathon'
import type { OpenedAdapter } from './adapters.ts'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'
import type { Target } from './target.ts'

/**
 * `marathon+https://host:8443`, several hosts with commas between them. Credentials come from the environment, as they have no place in
 * an address: `MARATHON_USER` and `MARATHON_PASSWORD`, or DC/OS's `DCOS_ACS_TOKEN`; a file of certificates to trust from
 * `MARATHON_CA_FILE`. `?secrets=dcos` puts secrets and configs into the secret store of DC/OS.
 */
export async function openMarathon({ env }: Io, target: Target): Promise<OpenedAdapter> {
  const { marathon } = await import('intermodal/marathon')
  const { url, secrets } = parseAddress(target)
  const { MARATHON_USER: username, MARATHON_PASSWORD: password, DCOS_ACS_TOKEN: token } = env
  const options: MarathonOptions = {
    url,
    ...(secrets ? { secrets } : {}),
    ...(username ? { basic: { username, password: password ?? '' } } : token ? { token } : {}),
    ...(env.MARATHON_CA_FILE ? { tls: { ca: await readFile(env.MARATHON_CA_FILE, 'utf8') } } : {}),
    ...target.options,
  }
  return { adapter: marathon(options) }
}

function parseAddress({
  transport = 'http',
  rest,
  shown,
}: Target): Pick<MarathonOptions, 'url' | 'secrets'> {
  const [address = '', query = ''] = rest.split('?')
  const parameters = new URLSearchParams(query)
  for (const key of parameters.keys()) {
    if (key !== 'secrets')
      throw new UsageError(`target "${shown}": marathon knows no "${key}"`, 'it knows secrets=dcos')
  }
  const secrets = parameters.get('secrets') ?? undefined
  if (secrets !== undefined && secrets !== 'dcos')
    throw new UsageError(`target "${shown}": secrets is "${secrets}"`, 'write secrets=dcos')
  const [, hosts = '', path = ''] = /^\/\/([^/]*)(.*)$/.exec(address) ?? []
  if (address !== '' && hosts === '')
    throw new UsageError(`target "${shown}" names no host`, 'write marathon+http://host:8080')
  const urls = hosts
    .split(',')
    .filter(Boolean)
    .map((host) => `${transport}://${host}${path}`)
  return { ...(urls.length > 0 ? { url: urls } : {}), ...(secrets ? { secrets } : {}) }
}
