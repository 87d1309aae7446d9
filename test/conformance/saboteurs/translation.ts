import { override } from './override.ts'
import type { Saboteur } from './saboteur.ts'

export const translationSaboteurs: readonly Saboteur[] = [
  {
    name: 'claims not to have a method that it has',
    fails: ['shape'],
    spoil: (adapter) =>
      override(adapter, { capabilities: { ...adapter.capabilities, nodes: false } }),
  },
  {
    name: 'drops a field without a word',
    fails: ['translate', 'interpret'],
    spoil: (adapter) =>
      override(adapter, {
        translate: (app) => adapter.translate({ ...app, stop: {} }),
      }),
  },
  {
    name: 'translates by the number of times it was asked',
    fails: ['translate'],
    spoil(adapter) {
      let asked = 0
      return override(adapter, {
        translate(app) {
          const { native, losses } = adapter.translate(app)
          const detail = `this was translation number ${++asked}`
          return { native, losses: [...losses, { path: '/image', kind: 'approximated', detail }] }
        },
      })
    },
  },
  {
    name: 'names losses where nothing is',
    fails: ['translate'],
    spoil: (adapter) =>
      override(adapter, {
        translate(app) {
          const { native, losses } = adapter.translate(app)
          const loss = {
            path: 'tty',
            kind: 'approximated',
            detail: 'there is no terminal',
          } as const
          return { native, losses: [...losses, loss] }
        },
      }),
  },
  {
    name: 'leaves a mark on the objects it interprets',
    fails: ['interpret'],
    spoil: (adapter) =>
      override(adapter, {
        interpret(native) {
          const interpretation = adapter.interpret(native)
          Object.assign(native as object, { interpreted: true })
          return interpretation
        },
      }),
  },
]
