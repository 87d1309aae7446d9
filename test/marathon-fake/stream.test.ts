import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonFiles, MARATHON } from '../marathon/data.ts'
import { openStream, type RawStream } from './raw-stream.ts'
import { start } from './setup.ts'
import { WEB } from './web.ts'

function types(stream: RawStream): readonly string[] {
  return stream.events().map(({ type }) => type)
}

describe('the event stream', () => {
  it('is neither chunked nor zipped, and ends with its connection', async () => {
    const { fake } = await start()
    const stream = await openStream(fake.url)
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream;charset=utf-8',
      connection: 'close',
    })
    expect(stream.headers['transfer-encoding']).toBeUndefined()
    expect(stream.headers['content-encoding']).toBeUndefined()
    await stream.until(() => types(stream).includes('event_stream_attached'))
  })

  it.each([['text/event-stream, */*'], ['*/*'], ['']])(
    'refuses "%s", for it is not exactly what it wants',
    async (accept) => {
      const { fake } = await start()
      const stream = await openStream(fake.url, '', accept)
      expect(stream.status).toBe(405)
      await stream.until(() => stream.ended)
      expect(stream.text()).toContain('HTTP method GET is not supported by this URL')
    },
  )

  it('beats every ten seconds with an empty line in two packets', async () => {
    const { fake, world } = await start()
    const stream = await openStream(fake.url, '?event_type=none')
    await world.advance('9s')
    await world.advance('2s')
    await stream.until(() => stream.text() === '\r\n')
    await world.advance('10s')
    await stream.until(() => stream.text() === '\r\n\r\n')
  })

  it('tells an upgrade from the write to its success, in Marathon’s order', async () => {
    const { fake, world, send } = await start()
    await send('POST', '/v2/apps', { ...WEB, instances: 1 })
    await world.settle()
    const stream = await openStream(fake.url)
    await send('PUT', '/v2/apps/web', { cmd: 'sleep 2000' })
    await world.settle()
    await stream.until(() => types(stream).includes('deployment_success'))
    const order = types(stream).filter((type, index, all) => all.indexOf(type) === index)
    expect(order).toEqual([
      'event_stream_attached',
      'api_post_event',
      'group_change_success',
      'deployment_info',
      'status_update_event',
      'instance_changed_event',
      'deployment_step_success',
      'deployment_success',
    ])
    const states = stream
      .events()
      .filter(({ type }) => type === 'status_update_event')
      .map(({ data }) => data.taskStatus)
    expect(states).toEqual([
      // Provisioned, then staging: every change of an instance is told.
      'TASK_STAGING',
      'TASK_STAGING',
      'TASK_STARTING',
      'TASK_RUNNING',
      'TASK_KILLING',
      'TASK_KILLED',
    ])
  })

  it('tells only what was asked for', async () => {
    const { fake, world, send } = await start()
    const stream = await openStream(
      fake.url,
      '?event_type=deployment_success&event_type=deployment_info',
    )
    await send('POST', '/v2/apps', WEB)
    await world.settle()
    await stream.until(() => types(stream).includes('deployment_success'))
    expect(new Set(types(stream))).toEqual(new Set(['deployment_info', 'deployment_success']))
  })

  it('says what a forced write cancelled', async () => {
    const { fake, send } = await start()
    const stream = await openStream(fake.url)
    const first = await send('POST', '/v2/apps', WEB)
    await send('PUT', '/v2/apps/web?force=true', { instances: 3 })
    await stream.until(() => types(stream).includes('deployment_failed'))
    const failed = stream.events().find(({ type }) => type === 'deployment_failed')
    expect(failed?.data).toMatchObject({
      id: first.headers.get('marathon-deployment-id'),
      reason: 'The upgrade has been cancelled',
    })
  })

  it.each([
    ['1.5', '', true],
    ['1.5', '?plan-format=light', false],
    ['1.4', '?plan-format=light', true],
    ['1.8', '', false],
  ] as const)(
    'of %s with "%s" carries whole groups in plans: %s',
    async (version, query, heavy) => {
      const { fake, send } = await start({ version })
      const stream = await openStream(fake.url, query)
      await send('POST', '/v2/apps', WEB)
      await stream.until(() => types(stream).includes('deployment_info'))
      const info = stream.events().find(({ type }) => type === 'deployment_info')
      const plan = info?.data.plan as Record<string, unknown>
      expect('original' in plan && 'target' in plan).toBe(heavy)
    },
  )

  it('has the very fields of the events that Marathon writes', async () => {
    const derived = new Map(
      jsonFiles(join(MARATHON, 'fixtures/events-derived-1.11')).map(({ value }) => {
        const event = value as { eventType: string }
        return [event.eventType, event] as const
      }),
    )
    const { fake, world, send } = await start()
    const stream = await openStream(fake.url)
    const check = {
      protocol: 'HTTP',
      intervalSeconds: 1,
      maxConsecutiveFailures: 2,
      gracePeriodSeconds: 0,
    }
    await send('POST', '/v2/apps', { ...WEB, healthChecks: [check] })
    await send('PUT', '/v2/apps/web', { instances: 3 })
    await world.settle()
    const [sick] = world.instances('/web')
    world.app('/web').unhealthy({ on: { instance: sick?.id ?? '' } })
    await world.advance('10s')
    const pod = { id: '/pod', containers: [{ name: 'a', resources: { cpus: 0.1, mem: 32 } }] }
    await send('POST', '/v2/pods', pod)
    await world.settle()
    await send('PUT', '/v2/pods/pod', { ...pod, labels: { a: 'b' } })
    await world.settle()
    await send('DELETE', '/v2/pods/pod')
    await send('PUT', '/v2/apps/web', { cmd: 'sleep 1' })
    await send('PUT', '/v2/apps/web?force=true', { cmd: 'sleep 2' })
    await send('DELETE', '/v2/apps/web')
    await world.settle()
    await stream.until(
      () => types(stream).filter((type) => type === 'app_terminated_event').length === 2,
    )
    const told = new Map(stream.events().map((event) => [event.type, event.data] as const))
    for (const [type, data] of told) {
      expect(Object.keys(data).sort(), type).toEqual(Object.keys(derived.get(type) ?? {}).sort())
    }
    expect([...told.keys()].sort()).toEqual([
      'add_health_check_event',
      'api_post_event',
      'app_terminated_event',
      'deployment_failed',
      'deployment_info',
      'deployment_step_failure',
      'deployment_step_success',
      'deployment_success',
      'event_stream_attached',
      'failed_health_check_event',
      'group_change_failed',
      'group_change_success',
      'health_status_changed_event',
      'instance_changed_event',
      'instance_health_changed_event',
      'pod_created_event',
      'pod_deleted_event',
      'pod_updated_event',
      'remove_health_check_event',
      'status_update_event',
      'unhealthy_instance_kill_event',
    ])
  })

  it.each([
    ['1.8', true],
    ['1.7', false],
  ] as const)('of %s cuts off a reader that is too slow: %s', async (version, cut) => {
    const { fake, send, world } = await start({ version, maxOutstanding: 2 })
    const stream = await openStream(fake.url, '?event_type=api_post_event')
    const other = await openStream(fake.url, '?event_type=group_change_success')
    stream.pause()
    // More than any buffer on the way holds.
    const labels = { long: 'x'.repeat(4_000_000) }
    for (let count = 0; count < 5; count++) {
      await send('PUT', '/v2/apps/web?force=true', { ...WEB, cmd: `sleep 1${count}`, labels })
    }
    await other.until(() => types(other).length === 5)
    expect(fake.streams).toBe(cut ? 1 : 2)
    await world.advance('1s')
  })
})
