import { runOnMarathon } from './marathon-run.ts'

await runOnMarathon('1.4')
