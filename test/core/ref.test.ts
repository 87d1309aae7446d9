import { formatRef, parseRef } from 'intermodal'
import { describe, expect, it } from 'vitest'

describe('the reference to an app on a cluster', () => {
  it.each([
    ['prod:/shop/web', { cluster: 'prod', app: '/shop/web' }],
    [
      'arn:aws:eks:eu-west-1:1:cluster/prod:/web',
      { cluster: 'arn:aws:eks:eu-west-1:1:cluster/prod', app: '/web' },
    ],
  ] as const)('%s is read and printed the same', (text, ref) => {
    expect(parseRef(text)).toEqual(ref)
    expect(formatRef(ref)).toBe(text)
  })

  it.each(['/shop/web', 'prod', 'prod:shop/web', ':/web', 'prod:/Shop'])('refuses %s', (text) => {
    expect(() => parseRef(text)).toThrow(expect.objectContaining({ code: 'APP_INVALID' }))
  })
})
