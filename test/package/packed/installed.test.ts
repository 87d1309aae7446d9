import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { CORE, packagesLoadedBy, SUBPATHS } from '../loaded.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const run = promisify(execFile)
const bare = inject('bare')
const complete = inject('complete')

const node = (code: string, cwd: string, type: 'module' | 'commonjs' = 'module') =>
  run(process.execPath, [`--input-type=${type}`, '--eval', code], { cwd })

describe('installed elsewhere', () => {
  it.each(SUBPATHS)('%s can be imported', async (subpath) => {
    const { stdout } = await node(
      `console.log(Object.keys(await import('${subpath}')).length)`,
      complete,
    )
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  it.each(SUBPATHS)('%s can be required', async (subpath) => {
    const code = `console.log(Object.keys(require('${subpath}')).length)`
    const { stdout } = await node(code, complete, 'commonjs')
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  it('has one error class, whichever subpath throws it', async () => {
    const code = `
      import { IntermodalError } from 'intermodal'
      import { simulated } from 'intermodal/simulated'
      import { connect } from 'intermodal'
      const client = connect(simulated())
      const error = await client.export('/none').catch((error) => error)
      console.log(error instanceof IntermodalError, error.code)
    `
    const { stdout } = await node(code, bare)
    expect(stdout).toBe('true APP_NOT_FOUND\n')
  })

  it('publishes the JSON Schema of an app file', async () => {
    const code = `
      import schema from 'intermodal/app.schema.json' with { type: 'json' }
      console.log(schema.$schema)
    `
    expect((await node(code, bare)).stdout).toContain('json-schema.org/')
  })

  it.each(SUBPATHS)(
    '%s loads zod and small utilities, and no client library',
    async (subpath, others) => {
      const loaded = await packagesLoadedBy(subpath, { cwd: bare })
      expect(loaded.filter((name) => name !== 'intermodal')).toEqual([...CORE, ...others].sort())
    },
  )

  it('has types that compile in a strict project', async () => {
    await writeFile(
      join(complete, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          lib: ['es2023', 'esnext.disposable'],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          typeRoots: [join(root, 'node_modules/@types')],
          types: ['node'],
        },
        files: ['deploy.ts'],
      }),
    )
    const use = await readFile(new URL('./use.txt', import.meta.url), 'utf8')
    await writeFile(join(complete, 'deploy.ts'), use)
    const tsc = join(root, 'node_modules/.bin/tsc')
    const { stdout } = await run(tsc, ['-p', '.'], { cwd: complete }).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })

  it('answers npx intermodal --help and --version', async () => {
    const npx = (...args: string[]) =>
      run('npx', ['--no-install', 'intermodal', ...args], { cwd: bare })
    expect((await npx('--help')).stdout).toContain('Usage: intermodal')
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    expect((await npx('--version')).stdout.trim()).toBe(version)
  })

  it('deploys an app file to the simulated orchestrator, and remembers it', async () => {
    await writeFile(join(bare, 'web.yaml'), 'id: /shop/web\nimage: shop/web:1\nreplicas: 2\n')
    const intermodal = async (...args: string[]) => {
      const env = { ...process.env, XDG_STATE_HOME: join(bare, 'state') }
      const done = await run('npx', ['--no-install', 'intermodal', ...args], { cwd: bare, env })
      return done.stdout
    }
    await intermodal('apply', '-f', 'web.yaml')
    expect(await intermodal('ps')).toMatch(/\/shop\/web .* running +2\/2/)
    await intermodal('rm', '/shop/web')
    expect(await intermodal('ps', '-o', 'json')).not.toContain('/shop/web')
  })

  it.each([
    ['swarm', "{ host: 'unix:///nowhere.sock' }", 'dockerode'],
    ['marathon', "{ url: 'http://127.0.0.1:9' }", 'undici'],
    ['kubernetes', "{ kubeconfig: '{}' }", '@kubernetes/client-node'],
  ])('says of %s which package to install', async (name, options, library) => {
    const { stdout } = await node(
      `
        import { connect } from 'intermodal'
        const { ${name} } = await import('intermodal/${name}')
        const client = connect(${name}(${options}))
        const error = await client.status('/shop/web').catch((error) => error)
        console.log(error.code, error.message, error.remedy)
      `,
      bare,
    )
    expect(stdout).toMatch(/^UNSUPPORTED /)
    expect(stdout).toContain(`npm install ${library}\n`)
  })

  it('deploys to a fake Marathon over HTTP', async () => {
    const code = `
      import { connect } from 'intermodal'
      import { marathon } from 'intermodal/marathon'
      import { fakeMarathon } from 'intermodal/testing'
      await using fake = await fakeMarathon()
      await using client = connect(marathon({ url: fake.url }))
      const rollout = await client.apply({ id: '/shop/web', image: 'shop/web:1', replicas: 2 })
      console.log((await rollout.done()).outcome)
    `
    expect((await node(code, complete)).stdout).toBe('succeeded\n')
  })
})
