import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/cli/not-found.ts'
import { workshop } from './cli.ts'

const WEB = 'id: /shop/web\nimage: web:1\n'

describe('a command about an app that is not there', () => {
  it.each(['status', 'explain', 'follow', 'export', 'logs', 'suspend', 'rollback'])(
    '%s names the one that may have been meant',
    async (command) => {
      const { cli } = await workshop({ 'web.yaml': WEB })
      await cli('apply -f web.yaml')
      for (const typed of ['web', '/shop/wbe']) {
        const { code, stderr } = await cli([command, typed])
        expect(code).toBe(1)
        expect(stderr).toContain('APP_NOT_FOUND')
        expect(stderr).toContain('did you mean /shop/web?')
      }
    },
  )

  it('says how to see the others when none is near, and that there is none', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    expect((await cli('status /other')).stderr).toContain('there is no app at all on simulated:')
    await cli('apply -f web.yaml')
    const { stderr } = await cli('status /other')
    expect(stderr).toContain('see the 1 there are with: intermodal ps --on simulated:')
  })
})

describe('apps near to what was typed', () => {
  it('are those of the same name and those two letters away, the nearest first, three at most', () => {
    const ids = ['/shop/web', '/blog/web', '/shop/api', '/a/web', '/web-1'] as const
    expect(nearest('/web', ids)).toEqual(['/a/web', '/web-1', '/shop/web'])
    expect(nearest('/shop/apj', ids)).toEqual(['/shop/api'])
    expect(nearest('/nothing/like/it', ids)).toEqual([])
  })
})

describe('a rollout that failed', () => {
  it('names commands for what is next, and a rollback only where there is something to go back to', async () => {
    const { cli, env } = await workshop({
      'web.yaml': WEB,
      'bad.yaml': WEB.replace('web:1', 'web:bad'),
    })
    const on = { INTERMODAL_TARGET: `${env.INTERMODAL_TARGET}&missing=web:bad` }
    const first = await cli('apply -f bad.yaml --fail-fast', { env: on })
    expect(first.stderr).toContain('what to try: intermodal explain /shop/web --on simulated:')
    expect(first.stderr).not.toContain('rollback')
    await cli('apply -f web.yaml', { env: on })
    const second = await cli('apply -f bad.yaml --fail-fast', { env: on })
    expect(second.stderr).toContain('the revision before: intermodal rollback /shop/web')
    expect(second.stderr).not.toContain('()')
  })
})

describe('a wait for a rollout that somebody holds', () => {
  it('says how it goes on', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const env = { INTERMODAL_TARGET: 'simulated:?speed=1' }
    await cli('apply -f web.yaml --no-wait', { env })
    expect((await cli('pause /shop/web', { env })).code).toBe(0)
    const { code } = await cli('follow /shop/web', {
      env,
      watch: ({ stderr }) =>
        stderr.includes('go on with: intermodal resume /shop/web --on simulated:?speed=1'),
    })
    expect(code).toBe(130)
  })
})
