/** Ports for servers that can't tell which one they chose, and ports where there is none. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port of 127.0.0.1 that nothing listens on: below those that connections get, and servers that ask for any, which would take it
 * meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 20_000)
    if (await isFree(port)) return port
  }
}

/** Whether nothing has a port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => {
    resolve(false)
  })
  server.listen(port, '127.0.0.1', () =>
    server.close(() => {
      resolve(true)
    }),
  )
  return promise
}
