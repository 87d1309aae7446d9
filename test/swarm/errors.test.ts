import { IntermodalError } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { explainError, isAmbiguous } from '../../adapters/swarm/errors.ts'
import { TransportError } from '../../adapters/swarm/transport-error.ts'

const at = 'unix:///run/docker.sock'
const answered = (status: number, text: string) => new TransportError('http', { at, status, text })
const unreachable = (syscode: string) => new TransportError('unreachable', { at, syscode })

describe('a failure of the engine becomes', () => {
  it.each([
    [unreachable('ENOENT'), 'UNAVAILABLE', /no Docker socket/],
    [unreachable('ECONNREFUSED'), 'UNAVAILABLE', /nothing listens/],
    [unreachable('EACCES'), 'FORBIDDEN', /permission denied/],
    [unreachable('DEPTH_ZERO_SELF_SIGNED_CERT'), 'UNAUTHENTICATED', /certificate/],
    [new TransportError('timeout', { at }), 'TIMEOUT', /did not answer in time/],
    [new TransportError('truncated', { at }), 'UNAVAILABLE', /connection broke/],
    [new TransportError('garbled', { at }), 'PROTOCOL', /not what the Docker API says/],
    [new TransportError('too-large', { at }), 'PROTOCOL', /too large/],
    [new TransportError('too-old', { at, detail: '1.38' }), 'ADAPTER_INCOMPATIBLE', /1\.38.*1\.41/],
    [
      answered(503, 'This node is not a swarm manager. Use "docker swarm init"…'),
      'UNSUPPORTED',
      /not a swarm manager/,
    ],
    [
      answered(500, 'rpc error: code = Unknown desc = The swarm does not have a leader.'),
      'UNAVAILABLE',
      /no leader/,
    ],
    [
      answered(500, 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'),
      'UNAVAILABLE',
      /did not answer its manager/,
    ],
    [
      answered(500, 'rpc error: code = Unknown desc = update out of sequence'),
      'CONFLICT',
      /changed by someone else/,
    ],
    [
      answered(
        400,
        "rpc error: code = InvalidArgument desc = port '80' is already in use by service 'a' (x) as an ingress port",
      ),
      'CONFLICT',
      /port '80' is already in use/,
    ],
    [
      answered(409, 'name conflicts with an existing object: service a already exists'),
      'CONFLICT',
      /already exists/,
    ],
    [
      answered(400, 'rpc error: code = InvalidArgument desc = invalid RestartCondition'),
      'APP_INVALID',
      /invalid RestartCondition/,
    ],
    [
      answered(501, 'rpc error: code = Unimplemented desc = service mode change is not allowed'),
      'UNSUPPORTED',
      /mode change/,
    ],
    [answered(404, 'service a not found'), 'APP_NOT_FOUND', /not found/],
    [
      answered(400, 'client version 1.50 is too new. Maximum supported API version is 1.41'),
      'ADAPTER_INCOMPATIBLE',
      /another version/,
    ],
    [answered(429, 'slow down'), 'THROTTLED', /slow down/],
    [answered(418, ''), 'PROTOCOL', /./],
  ] as const)('%s: %s', (error, code, message) => {
    const explained = explainError(error, 'list the apps', '/shop/web')
    expect(explained).toMatchObject({ code, app: '/shop/web', cause: error })
    expect(explained.message).toMatch(message)
    expect(explained.message).toContain(`cannot list the apps on ${at}`)
    expect(explained.remedy).toBeTruthy()
  })

  it('itself when it is explained already', () => {
    const error = new IntermodalError('CONFLICT', 'said')
    expect(explainError(error, 'apply')).toBe(error)
  })

  it('a defect that keeps its cause when nobody knows it', () => {
    const cause = new RangeError('odd')
    expect(explainError(cause, 'apply')).toMatchObject({ code: 'PROTOCOL', cause })
  })
})

describe('a write may have happened', () => {
  it.each([
    [new TransportError('timeout', { at }), true],
    [new TransportError('truncated', { at }), true],
    [answered(500, 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'), true],
    [answered(500, 'raft: failed to process the request: node lost leader status'), true],
    [answered(500, 'The swarm does not have a leader'), true],
    [answered(500, 'update out of sequence'), false],
    [answered(409, 'already exists'), false],
    [unreachable('ECONNREFUSED'), false],
    [new Error('odd'), false],
  ])('after %s: %s', (error, expected) => {
    expect(isAmbiguous(error)).toBe(expected)
  })
})
