/** The certificate and the key that HTTPS is served with, as they lie in a folder. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gates } from '../host/gate.ts'

/** What the two files may be called: as kuard has them and, where those aren't there, as a Secret of type kubernetes.io/tls has them. */
export const pairNames = [
  ['kuard.crt', 'kuard.key'],
  ['tls.crt', 'tls.key'],
] as const

/** So many names of other files are told. */
const mostOthers = 5

/** Larger than any Secret can be, in bytes. */
const maxFileBytes = 2 << 20

/** A certificate and its key, which fit each other, in PEM. */
export interface KeyPair {
  /** The server's own first, then those that vouch for it. */
  readonly cert: Buffer
  readonly key: Buffer
  readonly validUntil: Date
  /** Of the two files. */
  readonly names: readonly [certificate: string, key: string]
}

/** There is no pair; the message says what there is. */
export class MissingFiles extends Error {
  override name = 'MissingFiles'
}

/**
 * Reads the folder's first pair that is whole, and proves that HTTPS can be served with it.
 * @throws MissingFiles when there is none
 * @throws Error saying in plain words what is wrong with it
 */
export async function readKeyPair(folder: string): Promise<KeyPair> {
  const halves: string[] = []
  for (const names of pairNames) {
    const [cert, key] = await Promise.all(names.map((name) => readIfThere(folder, name)))
    if (cert && key) return proven(cert, key, names)
    const [certificateName, keyName] = names
    if (cert) halves.push(`${keyName} is missing beside ${certificateName} in ${folder}`)
    if (key) halves.push(`${certificateName} is missing beside ${keyName} in ${folder}`)
  }
  throw new MissingFiles(halves.length > 0 ? halves.join(', and ') : await nothing(folder))
}

/** Says of a folder without any of the files what else is in it. */
async function nothing(folder: string): Promise<string> {
  const expected = `neither ${pairNames.map((names) => names.join(' and ')).join(' nor ')}`
  try {
    // What begins with dots is how Kubernetes swaps a volume.
    const others = (await gates.certificates.run(() => readdir(folder))).filter(
      (name) => !name.startsWith('..'),
    )
    const more = others.length > mostOthers ? ` and ${others.length - mostOthers} more` : ''
    const told = others.length > 0 ? `only ${others.slice(0, mostOthers).join(', ')}${more}` : 'it is empty'
    return `${folder} holds ${expected}; ${told}`
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} holds ${expected}: ${message}`
  }
}

async function proven(cert: Buffer, key: Buffer, names: KeyPair['names']): Promise<KeyPair> {
  const [certificateName, keyName] = names
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
  return { cert, key, validUntil: certificate.validToDate, names }
}

/** Whether they are the same to the last byte. */
export const isSamePair = (one: KeyPair, other: KeyPair): boolean =>
  one.cert.equals(other.cert) && one.key.equals(other.key)

async function readIfThere(folder: string, name: string): Promise<Buffer | undefined> {
  const path = join(folder, name)
  try {
    const stats = await gates.certificates.run(() => stat(path))
    if (!stats.isFile()) throw new Error(`${path} is not a file`)
    if (stats.size > maxFileBytes) throw new Error(`${path} is larger than ${maxFileBytes} bytes`)
    return await gates.certificates.run(() => readFile(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES') throw new Error(`no permission to read ${path}`, { cause: error })
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
