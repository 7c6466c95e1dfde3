/** The MySQL of chapter 13, which chapter 14 uses too. */
import type { Namespace } from '../support/cluster.ts'

/** Runs statements, as root, with other options of the client; resolves to the bare rows. */
type Sql = (statements: string, ...options: string[]) => Promise<string>

/** Starts it on a volume of the cluster's default class, and waits until it serves. */
export async function startMysql(namespace: Namespace): Promise<Sql> {
  await namespace.apply(
    '13-storage/database-claim.yaml',
    '13-storage/mysql-replicaset.yaml',
    '13-storage/mysql-service.yaml',
  )
  await namespace.wait('replicaset/mysql', 'jsonpath={.status.readyReplicas}=1', 150)
  const client = ['mariadb', '--user=root', '--password=some-password-here', '--skip-column-names']
  return (statements, ...options) =>
    namespace.kubectl('exec', 'rs/mysql', '--', ...client, ...options, `--execute=${statements}`)
}
