import fc from 'fast-check'

export const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,12}[a-z0-9])?$/)

export function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 })
}

/** Without the keys nobody gave: absent is what the schema knows, `undefined` is not. */
export function some<T extends object>(
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
): fc.Arbitrary<object> {
  return fc
    .record(shape)
    .map((value) =>
      Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)),
    )
}

export const text = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
export const awkward = fc.oneof(
  text,
  fc.constantFrom('{{', '{{.Task.Slot}}', '{{{a}}}', 'a=b', '', 'é'),
)
export const duration = fc.integer({ min: 1, max: 100_000 }).map((ms) => `${ms}ms` as const)
export const port = fc.integer({ min: 1, max: 65_535 })
export const path = fc.stringMatching(/^(?:\/[a-z]{1,6}){1,3}$/)
export const amount = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 100 }).map((share) => `${share}%` as const),
)

export const envValue = fc.oneof(
  awkward,
  some({ secret: label, key: maybe(fc.constantFrom('user', 'tls.key')) }),
  some({ config: label }),
  fc.constantFrom(
    { field: 'app.id' },
    { field: 'app.name' },
    { field: 'instance.name' },
    { field: 'instance.ip' },
    { field: 'node.name' },
  ),
)
export const mode = maybe(fc.constantFrom('0400', '644', '0777'))
export const file = fc.oneof(
  some({ content: text, mode }),
  some({ secret: label, key: maybe(fc.constant('tls.key')), mode }),
  some({ config: label, mode }),
)

export const timing = {
  interval: maybe(duration),
  timeout: maybe(duration),
  failureThreshold: maybe(fc.integer({ min: 1, max: 9 })),
  successThreshold: maybe(fc.integer({ min: 1, max: 3 })),
  initialDelay: maybe(duration),
  startPeriod: maybe(duration),
}
export const probe = fc.oneof(
  some({
    type: fc.constantFrom('http', 'https'),
    path: maybe(fc.constantFrom('/', '/health?x=1&y', "/it's")),
    port: maybe(port),
    host: maybe(fc.constant('shop.example')),
    headers: maybe(fc.constant({ 'X-Probe': "it's us" })),
    ...timing,
  }),
  some({ type: fc.constant('tcp'), port, ...timing }),
  some({ type: fc.constant('grpc'), port, service: maybe(label), ...timing }),
  some({
    type: fc.constant('exec'),
    command: fc.oneof(
      fc.array(awkward, { minLength: 1, maxLength: 4 }),
      fc.constant(['/bin/sh', '-c', 'exit 0']),
    ),
    ...timing,
  }),
)

export const volume = fc.oneof(
  some({
    type: fc.constantFrom('empty', 'tmpfs'),
    size: maybe(fc.integer({ min: 1, max: 2 ** 40 })),
  }),
  some({ type: fc.constant('host'), path }),
  some({
    type: fc.constant('named'),
    name: maybe(fc.constantFrom('shared', 'With_{{Braces', 'a.b')),
    driver: maybe(fc.constantFrom('local', 'nfs')),
    options: maybe(fc.constant({ device: ':/export' })),
  }),
  some({
    type: fc.constant('claim'),
    size: fc.integer({ min: 1, max: 2 ** 40 }),
    storageClass: maybe(label),
    access: maybe(fc.constantFrom('one', 'many', 'readMany')),
  }),
  some({ type: fc.constant('config'), config: label }),
  some({ type: fc.constant('secret'), secret: label }),
)

export const rule = fc.oneof(
  some({
    attribute: fc.constantFrom(
      'zone',
      'node.name',
      'node.role',
      'node.labels.zone',
      'pool',
      'größe',
    ),
    op: fc.constantFrom('in', 'notIn', 'matches', 'notMatches'),
    values: fc.array(fc.constantFrom('a', 'b', 'c d', 'ü'), { minLength: 1, maxLength: 2 }),
  }),
  some({ attribute: fc.constant('zone'), op: fc.constantFrom('exists', 'absent') }),
)

export const amounts = some({
  cpu: maybe(fc.integer({ min: 1, max: 64_000 }).map((milli) => `${milli}m` as const)),
  memory: maybe(fc.integer({ min: 1, max: 2 ** 40 })),
  disk: maybe(fc.integer({ min: 1, max: 2 ** 40 })),
})
