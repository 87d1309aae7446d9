import { pointerOf, segmentsOf, withValue } from './pointer.ts'
import { type FieldSample, field, fieldEach } from './sample.ts'

/** What main container, sidecars and init containers have in common, as fields of the main container. */
const MAIN: readonly FieldSample[] = [
  field('/image', 'registry.example.com/shop/other:2'),
  ...fieldEach('/pullPolicy', ['always', 'ifNotPresent', 'never']),
  field('/entrypoint', ['/bin/app', '--serve']),
  field('/args', ['--port', '80']),
  field('/shell', 'exec app --port "$PORT"'),
  field('/workingDir', '/srv/app'),
  field('/env/LOG_LEVEL', 'debug'),
  field('/env/TEMPLATE', '{{.Service.Name}} $(HOST) $HOST $$'),
  field('/env/EMPTY', ''),
  field('/env/PASSWORD/secret', 'db-password'),
  field('/env/PASSWORD/key', 'main', { env: { PASSWORD: { secret: 'db-password' } } }),
  field('/env/SETTING/config', 'settings'),
  field('/env/SETTING/key', 'colour', { env: { SETTING: { config: 'settings' } } }),
  ...fieldEach('/env/WHERE/field', [
    'app.id',
    'app.name',
    'instance.name',
    'instance.ip',
    'node.name',
  ]),
  field('/files/~1etc~1app.conf/content', 'colour = blue\n'),
  field('/files/~1etc~1app.conf/mode', '0400', { files: { '/etc/app.conf': { content: 'a' } } }),
  field('/files/~1etc~1key.pem/secret', 'key'),
  field('/files/~1etc~1key.pem/key', 'pem', { files: { '/etc/key.pem': { secret: 'key' } } }),
  field('/files/~1etc~1key.pem/mode', '0400', { files: { '/etc/key.pem': { secret: 'key' } } }),
  field('/files/~1etc~1set.ini/config', 'settings'),
  field('/files/~1etc~1set.ini/key', 'ini', { files: { '/etc/set.ini': { config: 'settings' } } }),
  field('/files/~1etc~1set.ini/mode', '0400', {
    files: { '/etc/set.ini': { config: 'settings' } },
  }),
  field('/resources/requests/cpu', '250m'),
  field('/resources/requests/memory', '64Mi'),
  field('/resources/requests/disk', '1Gi'),
  field('/resources/limits/cpu', 1.5),
  field('/resources/limits/memory', '128Mi'),
  field('/resources/limits/disk', '2Gi'),
  field('/resources/gpus', 1),
  field('/security/user', 1000),
  field('/security/user', 'app'),
  field('/security/group', 2000, { security: { user: 1000 } }),
  field('/security/privileged', true),
  field('/security/capabilities/add', ['NET_ADMIN']),
  field('/security/capabilities/drop', ['ALL']),
  field('/security/readOnlyRootFilesystem', true),
  field('/security/noNewPrivileges', true),
]

const EXTRA_IMAGE = 'registry.example.com/shop/extra:1'
const SCRATCH = { volumes: { scratch: { type: 'empty', mountPath: '/scratch' } } }

/** The same fields for a container elsewhere in the app. */
function within(prefix: string, base: object): FieldSample[] {
  return MAIN.map((sample) => ({
    ...sample,
    path: prefix + sample.path,
    besides: nest(prefix, { ...base, ...sample.besides }),
  }))
}

function nest(prefix: string, value: object): Record<string, unknown> {
  return withValue({}, pointerOf(segmentsOf(prefix)), value)
}

const sidecar = { image: EXTRA_IMAGE }
const init = { name: 'prepare', image: EXTRA_IMAGE }

export const containerFields: readonly FieldSample[] = [
  ...MAIN,
  ...within('/sidecars/proxy', sidecar),
  field('/sidecars/proxy/mounts/scratch/mountPath', '/shared', {
    ...SCRATCH,
    sidecars: { proxy: sidecar },
  }),
  field('/sidecars/proxy/mounts/scratch/readOnly', true, {
    ...SCRATCH,
    sidecars: { proxy: { ...sidecar, mounts: { scratch: { mountPath: '/shared' } } } },
  }),
  ...within('/init/0', init),
  field('/init/0/name', 'migrate', { init: [init] }),
  field('/init/0/mounts/scratch/mountPath', '/shared', { ...SCRATCH, init: [init] }),
  field('/init/0/mounts/scratch/readOnly', true, {
    ...SCRATCH,
    init: [{ ...init, mounts: { scratch: { mountPath: '/shared' } } }],
  }),
]
