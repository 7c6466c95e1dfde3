/** The certificate and the key that HTTPS is served with, as they lie in a folder. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gates } from '../host/gate.ts'

/** The names that kuard gives the two files. */
export const certificateName = 'kuard.crt'
export const keyName = 'kuard.key'

/** Larger than any Secret can be, in bytes. */
const maxFileBytes = 2 << 20

/** A certificate and its key, which fit each other, in PEM. */
export interface KeyPair {
  /** The server's own first, then those that vouch for it. */
  readonly cert: Buffer
  readonly key: Buffer
  readonly validUntil: Date
}

/** Not both files are there. */
export class MissingFiles extends Error {
  override name = 'MissingFiles'
  readonly files: readonly string[]

  constructor(files: readonly string[]) {
    super(`${files.join(' and ')} ${files.length === 1 ? 'is' : 'are'} missing`)
    this.files = files
  }
}

/**
 * Reads kuard.crt and kuard.key and proves that HTTPS can be served with them.
 * @throws MissingFiles when not both are there
 * @throws Error saying in plain words what is wrong with them
 */
export async function readKeyPair(folder: string): Promise<KeyPair> {
  const [cert, key] = await Promise.all([certificateName, keyName].map((name) => readIfThere(folder, name)))
  if (!cert || !key) {
    throw new MissingFiles([...(cert ? [] : [certificateName]), ...(key ? [] : [keyName])])
  }
  // Loaded when there is something to check; most servers have no certificate.
  const [{ createPrivateKey, X509Certificate }, { createSecureContext }] = await Promise.all([
    import('node:crypto'),
    import('node:tls'),
  ])
  const certificate = understood(
    () => new X509Certificate(cert),
    `${certificateName} is not a PEM certificate`,
  )
  const privateKey = understood(
    () => createPrivateKey(key),
    `${keyName} is not a PEM private key that can be read without a passphrase`,
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`${keyName} is not the key of ${certificateName}`)
  }
  createSecureContext({ cert, key })
  return { cert, key, validUntil: certificate.validToDate }
}

/** Whether they are the same to the last byte. */
export const isSamePair = (one: KeyPair, other: KeyPair): boolean =>
  one.cert.equals(other.cert) && one.key.equals(other.key)

async function readIfThere(folder: string, name: string): Promise<Buffer | undefined> {
  const path = join(folder, name)
  try {
    const stats = await gates.certificates.run(() => stat(path))
    if (!stats.isFile()) throw new Error(`${name} is not a file`)
    if (stats.size > maxFileBytes) throw new Error(`${name} is larger than ${maxFileBytes} bytes`)
    return await gates.certificates.run(() => readFile(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES') throw new Error(`no permission to read ${name}`, { cause: error })
    throw error
  }
}

function understood<Value>(parse: () => Value, words: string): Value {
  try {
    return parse()
  } catch (error) {
    throw new Error(words, { cause: error })
  }
}
