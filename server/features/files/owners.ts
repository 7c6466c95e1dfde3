/** The names of users and groups on this machine. */
import type { Stats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Turns } from './turns.ts'
import type { Owner } from './wire.ts'

/** The names by number, as they were when they were read. */
export class Owners {
  readonly #users: ReadonlyMap<number, string>
  readonly #groups: ReadonlyMap<number, string>

  private constructor(users: ReadonlyMap<number, string>, groups: ReadonlyMap<number, string>) {
    this.#users = users
    this.#groups = groups
  }

  /** Reads /etc/passwd and /etc/group; a small image may have neither. */
  static async read(turns: Turns): Promise<Owners> {
    const [users, groups] = await Promise.all(
      ['/etc/passwd', '/etc/group'].map((path) =>
        turns.run(() => readFile(path, 'utf8')).then(namesByNumber, () => new Map<number, string>()),
      ),
    )
    return new Owners(users ?? new Map(), groups ?? new Map())
  }

  of({ uid, gid }: Stats): Owner {
    return { uid, gid, user: this.#users.get(uid) ?? null, group: this.#groups.get(gid) ?? null }
  }
}

/** Both files have the name first and the number third (passwd(5), group(5)). */
function namesByNumber(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':')
    if (name && number && !names.has(Number(number))) names.set(Number(number), name)
  }
  return names
}
