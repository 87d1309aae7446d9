// What an app says, and a command beside it.
import { connect } from 'intermodal'
import { simulated as cluster, createWorld } from 'intermodal/simulated'

const world = createWorld()
await using client = connect(cluster({ world }))
world.script.logs('/shop/web', ['listening on 8080'])
world.script.exec('/shop/web', { 'cat /version': '1.4.2\n' })
await (await client.apply({ id: '/shop/web', image: 'shop/web:1' })).done()

for await (const { stream, text } of client.logs('/shop/web')) console.log(`${stream}: ${text}`)

const session = await client.exec('/shop/web', ['cat', '/version'])
for await (const { data } of session.output) process.stdout.write(data)
console.log('exit code', await session.exitCode)

// Prints:
// stdout: started shop/web:1
// stdout: listening on 8080
// stdout: ready
// 1.4.2
// exit code 0
