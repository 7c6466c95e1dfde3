/** RSA key pairs, made on libuv's threads, and their fingerprints as OpenSSH shows them. */
import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'

/** Makes a 4096-bit RSA key pair with exponent 65537, off the event loop; resolves to its public key. */
export function makeKey(): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength: 4096, publicExponent: 65537 }, (error, publicKey) => {
      if (error) reject(error)
      else resolve(publicKey)
    })
  })
}

/**
 * A public key's bytes as SSH writes them (RFC 4253, section 6.6). By hand, since these few lines are all that a
 * library would be for, and loading one that can do it (node-forge) stops the event loop for 30 ms.
 */
export function sshPublicKey(publicKey: KeyObject): Buffer {
  const { e = '', n = '' } = publicKey.export({ format: 'jwk' })
  const fields = [Buffer.from('ssh-rsa'), mpint(e), mpint(n)]
  return Buffer.concat(fields.flatMap((field) => [uint32(field.length), field]))
}

/** The SHA256 fingerprint of a public key, the same that `ssh-keygen -lf` prints. */
export function fingerprint(publicKey: KeyObject): string {
  const digest = createHash('sha256').update(sshPublicKey(publicKey)).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}

/** A positive number (base64url) as RFC 4251, section 5 has it: a zero byte in front keeps it positive. */
function mpint(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
