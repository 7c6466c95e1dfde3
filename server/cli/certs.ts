/** `--generate-certs`: writes a self-signed certificate and its key, for trying HTTPS out. */
import { generateKeyPair, randomBytes } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const hostNames = ['kuard.example.com', 'localhost']
const addresses = ['127.0.0.1', '::1']

/** The longest life that Apple's clients accept: https://support.apple.com/en-us/103769 */
const validDays = 825

/**
 * Writes kuard.crt and kuard.key, which only the owner may read, into a folder.
 * @param folder made if it is missing
 * @returns what was written, in words
 * @throws Error in plain words when a file is there already or can't be written; nothing is left behind then
 */
export async function generateCerts(folder: string): Promise<string> {
  const { certificate, key, validUntil } = await selfSigned()
  const files = [
    { path: join(folder, 'kuard.key'), text: key, mode: 0o600 },
    { path: join(folder, 'kuard.crt'), text: certificate, mode: 0o644 },
  ]
  const written: string[] = []
  try {
    await makeFolder(folder)
    for (const { path, text, mode } of files) {
      // Made before it is filled, so that a full disk's half of a file is removed, and a file of someone else's never.
      await writeFile(path, '', { mode, flag: 'wx' })
      written.push(path)
      await writeFile(path, text)
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })))
    throw inWords(error as NodeJS.ErrnoException, folder)
  }
  const names = [...hostNames, ...addresses].join(', ')
  return `Wrote ${written.join(' and ')} for ${names}, valid until ${validUntil.toISOString()}`
}

/** Makes a folder and those above it. Node's own recursive way never ends under /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path)
  }
}

async function selfSigned(): Promise<{ certificate: string; key: string; validUntil: Date }> {
  const { default: forge } = await import('node-forge')
  // node:crypto makes the key, since it does so off the event loop and in a fraction of the time.
  const { privateKey: key } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const privateKey = forge.pki.privateKeyFromPem(key)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e)
  // A serial number is positive: RFC 5280, section 4.1.2.2.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date()
  certificate.validity.notAfter = new Date(Date.now() + validDays * 86_400_000)
  const subject = [{ name: 'commonName', value: hostNames[0] ?? '' }]
  certificate.setSubject(subject)
  certificate.setIssuer(subject)
  const [dnsName, ipAddress] = [2, 7]
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        ...hostNames.map((value) => ({ type: dnsName, value })),
        ...addresses.map((ip) => ({ type: ipAddress, ip })),
      ],
    },
    { name: 'subjectKeyIdentifier' },
  ])
  certificate.sign(privateKey, forge.md.sha256.create())
  return {
    certificate: forge.pki.certificateToPem(certificate),
    key,
    validUntil: certificate.validity.notAfter,
  }
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of the path is not a folder',
}

function inWords({ code = '', path, message }: NodeJS.ErrnoException, folder: string): Error {
  if (code === 'EEXIST' && path === folder) return new Error(`${folder} is not a folder`)
  if (code === 'EEXIST') return new Error(`${path ?? folder} is there already, and is not overwritten`)
  return new Error(`can't write ${path ?? `into ${folder}`}: ${reasons[code] ?? message}`)
}
