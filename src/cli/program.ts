import { Command } from 'commander'
import { toolkit } from './command.ts'
import { applyCommand } from './commands/apply.ts'
import {
  followCommand,
  pauseCommand,
  restartCommand,
  resumeCommand,
  rollbackCommand,
  scaleCommand,
  suspendCommand,
} from './commands/changes.ts'
import { completeCommand, completionCommand } from './commands/completion.ts'
import { eventsCommand } from './commands/events.ts'
import { execCommand } from './commands/exec.ts'
import { explainCommand } from './commands/explain.ts'
import { exportCommand } from './commands/export.ts'
import { fakeCommand } from './commands/fake.ts'
import { importCommand } from './commands/import.ts'
import { logsCommand } from './commands/logs.ts'
import { migrateCommand } from './commands/migrate.ts'
import { nodesCommand } from './commands/nodes.ts'
import { planCommand } from './commands/plan.ts'
import { psCommand } from './commands/ps.ts'
import { renderCommand } from './commands/render.ts'
import { rmCommand } from './commands/rm.ts'
import { statusCommand } from './commands/status.ts'
import { targetsCommand } from './commands/targets.ts'
import { EXIT_HELP } from './exit.ts'
import type { Io } from './io.ts'
import { manifest } from './manifest.ts'

const GROUPS = {
  'Deploy:': [planCommand, applyCommand, followCommand, rollbackCommand, rmCommand, migrateCommand],
  'Look:': [psCommand, statusCommand, eventsCommand, explainCommand, logsCommand, nodesCommand],
  'Change:': [
    scaleCommand,
    suspendCommand,
    resumeCommand,
    restartCommand,
    pauseCommand,
    execCommand,
  ],
  'Translate:': [renderCommand, importCommand, exportCommand],
  'Set up:': [targetsCommand, completionCommand, fakeCommand],
} as const

const TARGET_HELP = `Targets (--on, else $INTERMODAL_TARGET, else the default of intermodal.config, else simulated:):
  simulated:[NAME][?nodes=5&seed=3]   a cluster that is not there, to learn and to test with
  swarm:[CONTEXT]                     the environment's Docker, or one of its contexts
  swarm+tcp://HOST  swarm+ssh://USER@HOST  swarm+unix:///PATH
  kubernetes:[CONTEXT][/NAMESPACE]    kubectl's current context, or another one
  marathon+https://HOST[,HOST]        any Marathon of the cluster; also marathon+http://
  NAME                                from intermodal.config.{yaml,json,ts}, searched upward from here`

/** Every command there is. `finish` is told the exit code of the one that ran. */
export function createProgram(io: Io, finish: (code: number) => void): Command {
  const program = new Command('intermodal')
    .description(
      'One app model, one status and one way to wait for a rollout, on every orchestrator',
    )
    .version(manifest().version, '-V, --version')
    .option('--no-color', 'without colours; so does NO_COLOR')
    .showHelpAfterError('(see --help)')
    .configureHelp({ sortOptions: true, showGlobalOptions: true })
    .addHelpText(
      'after',
      `\n${TARGET_HELP}\n\n${EXIT_HELP}\n\nINTERMODAL_DEBUG=1 shows where an error came from.`,
    )
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns,
      getErrHelpWidth: () => io.stderr.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  const kit = toolkit(io, finish)
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading)
    for (const create of commands) {
      const command = create(kit)
      command.copyInheritedSettings(program)
      program.addCommand(command.helpGroup(heading))
    }
  }
  program.addCommand(completeCommand(kit, program), { hidden: true })
  return program
}
