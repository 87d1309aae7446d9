import { manifest } from './manifest.ts'
import { tooOld } from './node-version.ts'

// Before anything else is loaded: an older Node would stop in the middle of that, at something it does not know.
const complaint = tooOld(process.version, manifest().engines.node)
if (complaint) {
  process.stderr.write(`error: ${complaint}\n`)
  process.exitCode = 2
} else {
  const { start } = await import('./start.ts')
  process.exitCode = await start()
}
