// `npm run demo`: examples/shop.yaml on the simulated orchestrator, from the first plan to the removal.
import { fileURLToPath } from 'node:url'
import { playDemo } from '../src/cli/demo/play.ts'
import { processIo } from '../src/cli/process-io.ts'

await playDemo(processIo(), fileURLToPath(new URL('shop.yaml', import.meta.url)))
