import { runOnMarathon } from '../marathon-fake/contract.ts'

await runOnMarathon('1.4')
