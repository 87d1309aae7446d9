import { createParser } from 'eventsource-parser'
import { abortable, type Clock, sleep } from 'intermodal'
import type { Marathon } from './api.ts'
import { type News, newsOf } from './news.ts'

/** What changes what we show; asked for by name, so that a busy cluster does not send everything. */
export const EVENT_TYPES = [
  'event_stream_attached',
  'status_update_event',
  'instance_changed_event',
  'instance_health_changed_event',
  'health_status_changed_event',
  'failed_health_check_event',
  'unhealthy_instance_kill_event',
  'unhealthy_task_kill_event',
  'unknown_instance_terminated_event',
  'app_terminated_event',
  'api_post_event',
  'pod_created_event',
  'pod_updated_event',
  'pod_deleted_event',
  'group_change_success',
  'deployment_info',
  'deployment_success',
  'deployment_failed',
  'deployment_step_success',
  'deployment_step_failure',
  'scheduler_registered_event',
  'scheduler_reregistered_event',
  'scheduler_disconnected_event',
] as const

/** Marathon writes something every ten seconds. Three times nothing: the connection is dead, and would stay so for ever. */
export const WATCHDOG = 30_000
/** With a heartbeat this young, the silence is a quiet cluster. */
const HEARD = 15_000
const FIRST_REOPEN = 1_000
const LAST_REOPEN = 15_000
/** Plans of Marathon before 1.8 hold every app there is. Characters. */
const LARGEST_EVENT = 64 * 1024 * 1024

/**
 * "Something happened to these apps", from Marathon's event stream. Nothing else of it is read as truth: events come in no
 * order, are not repeated after a break, and are dropped or cut off for slow readers. So it is read without pause.
 */
export class EventHints {
  readonly #marathon: Marathon
  readonly #clock: Clock
  readonly #random: () => number
  readonly #closed = new AbortController()
  readonly #running: Promise<void>
  #news: News = new Set()
  #pending = false
  #broken = false
  #heardAt = Number.NEGATIVE_INFINITY
  #wake: (() => void) | undefined

  constructor(marathon: Marathon, clock: Clock, random: () => number) {
    this.#marathon = marathon
    this.#clock = clock
    this.#random = random
    this.#running = this.#run()
  }

  /** Resolves when something has happened since `takeNews` was last asked. */
  async next(signal: AbortSignal): Promise<void> {
    if (this.#pending) return
    await abortable(
      new Promise<void>((resolve) => {
        this.#wake = resolve
      }),
      signal,
    )
  }

  /** What events were about since this was last asked. */
  takeNews(): News {
    const news = this.#news
    this.#news = new Set()
    this.#pending = false
    return news
  }

  /** Whether the stream broke since this was last asked: what happened meanwhile nobody tells. */
  takeBreak(): boolean {
    const broken = this.#broken
    this.#broken = false
    return broken
  }

  /** Whether Marathon was heard of lately. */
  get alive(): boolean {
    return this.#clock.now() - this.#heardAt <= HEARD
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('closed'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    let failures = 0
    while (!signal.aborted) {
      let opened = false
      try {
        await this.#listen(() => {
          opened = true
          failures = 0
        })
      } catch {
        // Hints only save time: the looks that go on beside them meet the same failure and report it.
      }
      this.#heardAt = Number.NEGATIVE_INFINITY
      if (opened) {
        this.#broken = true
        this.#signal()
      }
      const rest = Math.min(LAST_REOPEN, FIRST_REOPEN * 2 ** Math.min(failures++, 5))
      await sleep(this.#clock, rest * (0.75 + this.#random() / 2), signal).catch(() => {})
    }
  }

  /** Until the stream ends, breaks, or turns out to be dead. */
  async #listen(opened: () => void): Promise<void> {
    const attempt = new AbortController()
    const signal = AbortSignal.any([this.#closed.signal, attempt.signal])
    let cancel = () => {}
    const heard = () => {
      this.#heardAt = this.#clock.now()
      cancel()
      cancel = this.#clock.after(WATCHDOG, () => attempt.abort(new Error('the stream is silent')))
    }
    try {
      heard()
      this.#heardAt = Number.NEGATIVE_INFINITY
      const { answer } = await this.#marathon.events(EVENT_TYPES, signal)
      opened()
      // Whatever happened while there was no stream is found by a look.
      this.#signal()
      const parser = createParser({
        maxBufferSize: LARGEST_EVENT,
        onEvent: ({ event, data }) => this.#signal(newsOf(event, data)),
      })
      const decoder = new TextDecoder()
      for await (const chunk of answer.body) {
        heard()
        parser.feed(decoder.decode(chunk, { stream: true }))
      }
    } finally {
      cancel()
      attempt.abort(new Error('the stream is over'))
    }
  }

  #signal(news: News = 'everything'): void {
    const before = this.#news
    const all = news === 'everything' || before === 'everything'
    this.#news = all ? 'everything' : new Set([...before, ...news])
    this.#pending = true
    this.#wake?.()
  }
}
