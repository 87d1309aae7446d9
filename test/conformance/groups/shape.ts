import assert from 'node:assert/strict'
import { type Adapter, APP_KINDS, type Capabilities, SEAM } from 'intermodal'
import { isPointer, segmentsOf } from '../fields/pointer.ts'
import { fieldSamples } from '../fields/table.ts'
import type { Group } from '../group.ts'

type Method = Exclude<keyof Adapter, symbol>

const METHODS: readonly Method[] = [
  'translate',
  'interpret',
  'apply',
  'remove',
  'observe',
  'read',
  'list',
  'watch',
]

/** Which methods each flag stands for. */
const FLAGS: Readonly<Record<string, readonly Method[]>> = {
  scale: ['scale'],
  restart: ['restart'],
  suspend: ['suspend'],
  resume: ['resume'],
  pause: ['pause'],
  rollback: ['rollback'],
  kill: ['kill'],
  logs: ['logs'],
  exec: ['exec'],
  nodes: ['nodes'],
  explain: ['explain'],
  material: ['putSecret', 'putConfig'],
  rehearse: ['rehearse'],
}

/** Flags without a method of their own. */
const PROMISES = ['autoRollback', 'locks', 'gapless'] as const

/** What every adapter has to say. All the rest may be left out, and means "cannot" then. */
const REQUIRED = ['kinds', 'watch', 'inPlace', 'immutable'] as const

export const shape: Group = {
  name: 'shape',
  offline: true,
  tests: {
    'is built for this seam, has a kind to be called by, and every method the seam demands':
      async ({ adapter }) => {
        assert.equal(adapter.seam, SEAM)
        assert.match(adapter.kind, /^[a-z][a-z0-9-]*$/)
        for (const name of METHODS) assert.equal(typeof adapter[name], 'function', name)
        assert.equal(typeof adapter[Symbol.asyncDispose], 'function')
      },

    'has each optional method exactly when its capability is true': async ({ adapter }) => {
      for (const [flag, methods] of Object.entries(FLAGS)) {
        const value = adapter.capabilities[flag as keyof Capabilities] ?? false
        assert.equal(typeof value, 'boolean', `capabilities.${flag}`)
        for (const method of methods) {
          assert.equal(
            typeof adapter[method],
            value ? 'function' : 'undefined',
            `${method} when capabilities.${flag} is ${value}`,
          )
        }
      }
    },

    'tells what it can do as plain data, with nothing in it that the seam does not know': async ({
      adapter: { capabilities },
    }) => {
      const told = Object.fromEntries(
        Object.entries(capabilities).filter(([, value]) => value !== undefined),
      )
      assert.deepEqual(JSON.parse(JSON.stringify(told)), told)
      const known: readonly string[] = [
        ...Object.keys(FLAGS),
        ...PROMISES,
        ...REQUIRED,
        'hostNames',
      ]
      assert.deepEqual(
        Object.keys(told).filter((key) => !known.includes(key)),
        [],
      )
      for (const key of REQUIRED) assert.ok(key in told, `capabilities.${key}`)
      assert.ok(['push', 'poll'].includes(capabilities.watch), 'capabilities.watch')
      for (const flag of PROMISES)
        assert.equal(typeof (capabilities[flag] ?? false), 'boolean', `capabilities.${flag}`)
    },

    'says how host names of its own begin or end': async ({ adapter: { capabilities } }) => {
      for (const name of capabilities.hostNames ?? [])
        assert.match(name, /^(?:(?:\.[a-z\d-]+)+|(?:[a-z\d-]+\.)+)$/)
    },

    'names kinds of app that the model has, each once': async ({ adapter: { capabilities } }) => {
      assert.ok(capabilities.kinds.length > 0, 'no kind at all')
      assert.equal(new Set(capabilities.kinds).size, capabilities.kinds.length)
      for (const kind of capabilities.kinds) assert.ok(APP_KINDS.includes(kind), kind)
    },

    'points at fields of the model in inPlace and immutable, never at one in both': async ({
      adapter: { capabilities },
    }) => {
      const roots = new Set(fieldSamples.map(({ path }) => segmentsOf(path)[0]))
      for (const pointer of [...capabilities.inPlace, ...capabilities.immutable]) {
        assert.ok(isPointer(pointer) && roots.has(segmentsOf(pointer)[0]), pointer)
      }
      const both = capabilities.inPlace.filter((path) => capabilities.immutable.includes(path))
      assert.deepEqual(both, [])
    },

    'can go back to where it came from: what rolls back by itself can also be told to': async ({
      adapter: { capabilities },
    }) => {
      assert.ok(
        !capabilities.resume || capabilities.suspend || capabilities.pause,
        'resume of what?',
      )
      assert.ok(!capabilities.suspend || capabilities.resume, 'suspend without resume')
      assert.ok(!capabilities.pause || capabilities.resume, 'pause without resume')
    },
  },
}
