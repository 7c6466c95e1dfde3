/** Starts the built server with a certificate that it has made itself. */
import { generateCerts } from '../../server/cli/certs.ts'
import type { Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { startKuard, type Kuard } from './kuard.ts'

/** A server that speaks TLS too. */
export interface TlsKuard {
  readonly kuard: Kuard
  readonly tlsPort: number
  /** Of the TLS port, without a final slash. */
  readonly url: string
}

/** @param args flags beside those for TLS */
export async function startTlsKuard(context: Lifetime, args: readonly string[] = []): Promise<TlsKuard> {
  const folder = temporaryFolder(context)
  await generateCerts(folder)
  const kuard = await startKuard(context, ['--tls-address=127.0.0.1:0', `--tls-dir=${folder}`, ...args])
  const tlsPort = Number((await kuard.logged(/Serving HTTPS on 127\.0\.0\.1:(\d+)/))[1])
  return { kuard, tlsPort, url: `https://127.0.0.1:${tlsPort}` }
}
