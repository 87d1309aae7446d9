import type { Command } from 'commander'
import { type ClusterNode, formatCpu, formatMemory } from 'intermodal'
import { onOption, type Toolkit } from '../command.ts'
import { type Format, isData, outputOption, print, printData } from '../output.ts'
import { openOne, type TargetFlags } from '../session.ts'
import type { Paint } from '../style.ts'
import { renderTable } from '../view/table.ts'
import { safe } from '../view/text.ts'

interface Flags extends TargetFlags {
  readonly output: Format
}

export function nodesCommand({ command, run }: Toolkit): Command {
  return command('nodes', 'the machines of a cluster and what is reserved of them', [
    'intermodal nodes',
    'intermodal nodes --on prod -o json',
  ])
    .addOption(onOption())
    .addOption(outputOption())
    .action(
      run(async (context, { output, ...flags }: Flags) => {
        await using session = await openOne(context, flags, 'look')
        const nodes = await session.client.nodes({ signal: context.io.signal })
        if (isData(output)) printData(context, output, nodes)
        else print(context, renderNodes(nodes, context.paint))
      }),
    )
}

const COLOUR = { ready: 'green', draining: 'yellow', down: 'red', unknown: 'magenta' } as const

export function renderNodes(nodes: readonly ClusterNode[], paint: Paint): string {
  return renderTable(
    ['NODE', 'STATE', 'CPU', 'MEMORY', 'ATTRIBUTES'],
    nodes.map(({ name, state, capacity, reserved, attributes }) => [
      safe(name),
      paint(COLOUR[state], state),
      share(reserved.cpu, capacity.cpu, formatCpu),
      share(reserved.memory, capacity.memory, (bytes) => formatMemory(roundMemory(bytes))),
      Object.entries(attributes)
        .map(([key, value]) => safe(`${key}=${value}`))
        .join(',') || '-',
    ]),
    paint,
  )
}

function share(
  used: number | undefined,
  all: number | undefined,
  show: (value: number) => string | number,
): string {
  return all === undefined ? '-' : `${show(used ?? 0)} of ${show(all)}`
}

/** Whole Mi: nobody reads bytes in a table. */
function roundMemory(bytes: number): number {
  const mebibyte = 2 ** 20
  return Math.round(bytes / mebibyte) * mebibyte
}
