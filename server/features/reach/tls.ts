/** The TLS handshake, and what is to be told of the other side's certificate. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, getCACertificates, type SecureContext, type TLSSocket } from 'node:tls'
import { Ended } from './ended.ts'
import type { Trail } from './trail.ts'
import type { ReachCertificate, ReachReport } from './wire.ts'

/** The cluster's own authority, which programs in a pod take for the API server. */
const clusterAuthority = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'

/** So many certificates of a chain are told of, and so many names of each. */
const maxChain = 10
const maxNames = 100

const problems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet, or the clock of this node is wrong',
  CERT_UNTRUSTED: 'its authority is not trusted here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  INVALID_PURPOSE: 'it is not for a server',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its chain is not complete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its authority is not trusted here, or the server leaves a part of the chain out',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its authority is not trusted here, or the server leaves a part of the chain out',
}

/** How to begin. */
export interface Handshake {
  /** What the certificate has to be for: a name, or an address. */
  readonly host: string
  /** What will be spoken, such as h2. */
  readonly alpn: readonly string[]
  /** Whether a certificate that isn't trusted ends it, as it does for programs. */
  readonly verifies: boolean
}

/**
 * Does the handshake on a connection.
 * @param report is given what is known of the other side
 * @throws Ended
 */
export async function secure(
  socket: Socket,
  { host, alpn, verifies }: Handshake,
  trail: Trail,
  report: ReachReport,
): Promise<TLSSocket> {
  const servername = isIP(host) === 0 ? host.replace(/\.$/, '') : ''
  return trail.step('tls', servername === '' ? `${host}, without a server name` : servername, async () => {
    const secureContext = await loadContext()
    const options = {
      socket,
      host,
      servername,
      ALPNProtocols: [...alpn],
      secureContext,
      rejectUnauthorized: false,
    }
    const secured = trail.keep(connect(options))
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    secured.once('secureConnect', resolve).once('error', reject)
    secured.once('close', () => {
      reject(new Ended('cut off', 'the connection was closed within the handshake'))
    })
    await promise
    const told = describe(secured, host)
    report.tls = told
    if (!told.trusted && verifies)
      throw new Ended('tls', `the certificate isn’t trusted: ${told.problem ?? 'it can’t be verified'}`)
    return [secured, `${told.protocol ?? 'TLS'}, ${told.trusted ? 'trusted' : (told.problem ?? '')}`] as const
  })
}

let loading: Promise<SecureContext> | undefined

/** Built once: some hundred certificates are read for it. */
const loadContext = (): Promise<SecureContext> => (loading ??= makeContext())

async function makeContext(): Promise<SecureContext> {
  const own = await readFile(clusterAuthority, 'utf8').catch(() => undefined)
  return own === undefined
    ? createSecureContext()
    : createSecureContext({ ca: [...getCACertificates('default'), own] })
}

function describe(socket: TLSSocket, host: string): NonNullable<ReachReport['tls']> {
  // Its type says Error; it is the code of one.
  const code = socket.authorized ? null : String(socket.authorizationError)
  const chain = chainOf(socket.getPeerX509Certificate())
  const names = chain[0]?.names.slice(0, 5).join(', ')
  const problem =
    code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code?.startsWith('Error [ERR_TLS_CERT_ALTNAME') === true
      ? `it is for ${names === undefined || names === '' ? 'no name' : names}, not for ${host}`
      : code === null
        ? null
        : (problems[code] ?? code)
  return {
    protocol: socket.getProtocol(),
    // Null as soon as the other side has gone.
    cipher: (socket.getCipher() as { name: string } | undefined)?.name ?? null,
    alpn: socket.alpnProtocol === false ? null : socket.alpnProtocol,
    trusted: socket.authorized,
    problem,
    chain,
  }
}

function chainOf(leaf: X509Certificate | undefined): ReachCertificate[] {
  const chain: ReachCertificate[] = []
  for (let one = leaf; one && chain.length < maxChain; one = one.issuerCertificate) {
    chain.push(certificate(one))
    if (one.issuerCertificate?.fingerprint256 === one.fingerprint256) break
  }
  return chain
}

const certificate = (one: X509Certificate): ReachCertificate => ({
  subject: oneLine(one.subject),
  issuer: oneLine(one.issuer),
  names: namesIn(one.subjectAltName),
  notBefore: one.validFromDate.toISOString(),
  notAfter: one.validToDate.toISOString(),
})

const oneLine = (name: string | undefined): string => (name ?? '').replaceAll('\n', ', ').slice(0, 500)

/** As Node writes it: `DNS:kuard, IP Address:10.0.0.1`; what has odd letters stands in quotes. */
const namesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split(', ')
    .slice(0, maxNames)
    .map((name) => name.replace(/^(DNS|IP Address|URI|email):/, ''))
    .filter((name) => name !== '')
