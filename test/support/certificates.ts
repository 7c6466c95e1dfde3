/** Certificates for tests, by an authority of their own. */
import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** What a certificate says. */
export interface Claims {
  readonly commonName: string
  /** Names, and addresses. */
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  /** From and until, in days from now. */
  readonly days?: readonly [from: number, until: number]
}

const dayMs = 86_400_000

/**
 * Makes one.
 * @param issuer who signs it; itself by default
 * @param isAuthority whether it may sign others
 */
export function certificate(
  { commonName, names = [], addresses = [], days: [from, until] = [-1, 30] }: Claims,
  issuer?: Pair,
  isAuthority = false,
): Pair {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const key = forge.pki.privateKeyFromPem(privateKey)
  const made = forge.pki.createCertificate()
  made.publicKey = forge.pki.setRsaPublicKey(key.n, key.e)
  made.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`
  made.validity.notBefore = new Date(Date.now() + from * dayMs)
  made.validity.notAfter = new Date(Date.now() + until * dayMs)
  const subject = [{ name: 'commonName', value: commonName }]
  made.setSubject(subject)
  made.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.cert).subject.attributes : subject)
  const altNames = [
    ...names.map((value) => ({ type: 2, value })),
    ...addresses.map((ip) => ({ type: 7, ip })),
  ]
  made.setExtensions([
    { name: 'basicConstraints', cA: isAuthority },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ])
  made.sign(forge.pki.privateKeyFromPem(issuer?.key ?? privateKey), forge.md.sha256.create())
  return { cert: forge.pki.certificateToPem(made), key: privateKey }
}
