import type { Reporter, TestModule } from 'vitest/node'

/**
 * Prints `N passed, N failed` as the last line, which the gate reads, and before it the tests that passed only when they
 * were tried again: those against real engines are given a second chance, and none of them keeps it to itself.
 */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0
    let failed = unhandled.length
    const again: string[] = []
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed' && test.diagnostic()?.flaky) again.push(test.fullName)
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
      }
    }
    for (const name of again) process.stdout.write(`\npassed at the second try: ${name}`)
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  }
}
