/** What the queue is held against: Fastify with one route that takes and gives a body of the same size, and one that says it is up. */
import { fastify } from 'fastify'

const message = {
  kind: 'message',
  id: '0'.repeat(32),
  body: 'work-item-00',
  creationTimestamp: new Date().toISOString(),
}
const app = fastify()
app.get('/healthy', () => 'ok')
app.post('/', () => message)
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
