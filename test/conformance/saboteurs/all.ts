import { callSaboteurs } from './calls.ts'
import { changeSaboteurs } from './changes.ts'
import { readingSaboteurs } from './reading.ts'
import { resumingSaboteurs } from './resuming.ts'
import type { Saboteur } from './saboteur.ts'
import { translationSaboteurs } from './translation.ts'

export const saboteurs: readonly Saboteur[] = [
  ...translationSaboteurs,
  ...changeSaboteurs,
  ...readingSaboteurs,
  ...callSaboteurs,
  ...resumingSaboteurs,
]
