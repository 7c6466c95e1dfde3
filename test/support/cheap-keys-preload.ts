/** Preloaded with `--import`, makes RSA keys small, slow and at last stuck, as cheap-keys.ts says. */
import crypto from 'node:crypto'
import { open } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const bits = Number(process.env.KEY_BITS ?? 512)
const milliseconds = Number(process.env.KEY_MILLISECONDS ?? 0)
const untilStuck = Number(process.env.KEYS_UNTIL_STUCK ?? Infinity)
const fifo = process.env.KEY_FIFO
const { generateKeyPair } = crypto
let begun = 0

type Finish = Parameters<typeof generateKeyPair>[2]

const cheap = (type: 'rsa', options: { publicExponent: number }, finish: Finish): void => {
  begun += 1
  if (begun > untilStuck) {
    // Where nobody writes, that takes a thread for ever, as making a key does for its time.
    if (fifo !== undefined) open(fifo, 'r', () => undefined)
    return
  }
  generateKeyPair(type, { ...options, modulusLength: bits }, (...made) => {
    setTimeout(() => {
      finish(...made)
    }, milliseconds)
  })
}

Object.assign(crypto, { generateKeyPair: cheap })
syncBuiltinESMExports()
