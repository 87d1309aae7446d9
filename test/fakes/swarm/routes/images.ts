import { refuse } from '../errors.ts'
import { filtersOf, type Request } from '../http/request.ts'
import { type Daemon, ok, type Reply, routes } from './parts.ts'

/** What a registry and the node's own store say of images: all there is, but those the world's levers took away. */
export const imagesRoute = routes([
  ['GET', /^\/images\/json$/, list],
  ['GET', /^\/images\/(.+)\/json$/, inspect],
  ['GET', /^\/distribution\/(.+)\/json$/, distribution],
])

function list({ swarm, node }: Daemon, request: Request): Reply {
  filtersOf(request, 500, ['dangling', 'label', 'before', 'since', 'reference'])
  return ok(
    (node?.record.images ?? []).map((image) => ({
      Containers: -1,
      Created: Math.floor(swarm.startedAt / 1000),
      Id: swarm.imageId(image),
      Labels: null,
      ParentId: '',
      RepoDigests: null,
      RepoTags: [image],
      SharedSize: -1,
      Size: 10_000_000,
      VirtualSize: 10_000_000,
    })),
  )
}

function inspect({ swarm, node }: Daemon, _request: Request, name: string): Reply {
  if (!node?.record.images.includes(name)) {
    const last = name.slice(name.lastIndexOf('/') + 1)
    throw refuse(
      404,
      `no such image: ${name}: No such image: ${last.includes(':') ? name : `${name}:latest`}`,
    )
  }
  return ok({
    Id: swarm.imageId(name),
    RepoTags: [name],
    RepoDigests: [],
    Created: new Date(swarm.startedAt).toISOString(),
    DockerVersion: swarm.version,
    Config: { Env: [], Cmd: null, Labels: null },
    Architecture: 'amd64',
    Os: 'linux',
    Size: 10_000_000,
  })
}

/** The registry: it may have an image that the node has not. */
function distribution({ swarm }: Daemon, _request: Request, name: string): Reply {
  const fault = swarm.world.engine.state.images.get(name)?.fault
  if (fault === 'denied')
    throw refuse(
      403,
      `errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n`,
    )
  if (fault === 'missing') throw refuse(404, 'manifest unknown: manifest unknown')
  if (fault === 'broken') throw refuse(500, `Get "https://${name.split('/')[0]}/v2/": EOF`)
  return ok({
    Descriptor: {
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      digest: swarm.imageId(name),
      size: 528,
    },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  })
}
