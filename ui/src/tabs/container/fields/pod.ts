/** What the fields of every part are written into. */
import { toYaml, type Yaml } from '../yaml.ts'

/** The fields of an object by their names; those that are undefined are left out. */
export type Fields = Readonly<Record<string, Yaml | undefined>>

/** A manifest with as much of a pod as is said. */
export const pod = (spec: Fields): string => toYaml({ spec })

/** The list of containers, of one with these fields. */
export const container = (fields: Fields): Yaml => [{ name: 'kuard', ...fields }]

const mebibyte = 2 ** 20

/** An amount of bytes as Kubernetes writes it, exactly: `200Mi`, or the number. */
export const quantity = (bytes: number): string =>
  bytes % mebibyte === 0 ? `${String(bytes / mebibyte)}Mi` : String(bytes)

/** The folder of a file, and its name in it. */
export const folderOf = (path: string): string => path.replace(/\/[^/]*$/, '') || '/'
export const fileOf = (path: string): string => path.replace(/^.*\//, '')

/** Whether a file is the service account's, which every pod mounts unless it says otherwise; /var/run may be a link to /run. */
export const isAccounts = (path: string): boolean =>
  /^(?:\/var)?\/run\/secrets\/kubernetes\.io\/serviceaccount\//.test(path)
