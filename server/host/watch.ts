/** Tells when what is at a path changes, through symbolic links, as a mounted ConfigMap or Secret needs. */
import { watch, type BigIntStats, type FSWatcher } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { TooSlow, type Gate } from './gate.ts'

/** Changes that come together are told once, after this time. */
const settleMs = 100
/** How often a path is looked at where the kernel reports nothing: on network file systems, or with no watches left. */
const pollMs = 5_000
/** The kernel's own limit on the links of one path. */
const maxLinks = 40
/** The kernel dates changes by its clock's last tick. */
const clockTickMs = 20

/** The way to what is at a path. */
interface Trail {
  /** The names that are looked up, by the real folder in which they are. */
  readonly folders: ReadonlyMap<string, ReadonlySet<string>>
  /** Where the way ends, without links; undefined when it leads nowhere. */
  readonly target: string | undefined
  /** Differs from an earlier one when something on the way, or at its end, has changed. */
  readonly mark: string
  /** When its end, or a link on the way, last changed, in milliseconds since 1970. */
  readonly changedMs: number
}

/**
 * Watches a file or a folder, which may be missing and may come and go. A folder changes when an entry of it does.
 * @param path followed through links at each step, so that a swap of one of them is a change
 * @param gate where looking at it has its turns
 * @param changed called a little after each change, once for changes that come together; must not throw.
 * It may be called once too often, never once too little
 * @returns a function that ends the watch; an open watch doesn't keep the process alive
 */
export function watchPath(path: string, gate: Gate, changed: () => void): () => void {
  const since = Date.now() - clockTickMs
  let stopped = false
  let looking = false
  let reported = false
  let pending: NodeJS.Timeout | undefined
  let seen: Trail | undefined
  let watchers: readonly FSWatcher[] = []

  const lookSoon = () => {
    if (stopped) return
    reported = true
    pending ??= setTimeout(() => {
      pending = undefined
      void look()
    }, settleMs).unref()
  }

  const look = async (): Promise<void> => {
    if (looking) {
      // A slow file system: the report waits for its turn.
      if (reported) lookSoon()
      return
    }
    looking = true
    const wasReported = reported
    reported = false
    try {
      await compare(wasReported)
    } catch (error) {
      if (!(error instanceof TooSlow)) throw error
      // Whoever asks learns why; the next poll looks again.
      if (wasReported) changed()
    }
    looking = false
  }

  const compare = async (wasReported: boolean): Promise<void> => {
    const trail = await follow(path, gate)
    const before = seen
    if (stopped || (!wasReported && trail.mark === before?.mark)) return
    watchers = rearm(watchers, trail, lookSoon)
    seen = trail
    if (wasReported || before !== undefined || trail.changedMs >= since) changed()
    // What changed before the new watches stood was reported by nobody.
    if ((await follow(path, gate)).mark !== trail.mark) lookSoon()
  }

  const poll = setInterval(() => void look(), pollMs).unref()
  void look()
  return () => {
    stopped = true
    clearInterval(poll)
    clearTimeout(pending)
    for (const watcher of watchers) watcher.close()
    watchers = []
  }
}

/**
 * Follows a path as the kernel does, link by link.
 * Kubernetes swaps a volume's `..data` link, so the folder of each link has to be watched:
 * https://kubernetes.io/docs/concepts/configuration/secret/#mounted-secrets-are-updated-automatically
 * @throws TooSlow
 */
async function follow(path: string, gate: Gate): Promise<Trail> {
  const folders = new Map<string, Set<string>>()
  const marks: string[] = []
  const names = resolve(path).split('/')
  let at = '/'
  let links = 0
  let last: BigIntStats | undefined
  let changedMs = 0
  const trail = (target?: string): Trail => {
    if (last) changedMs = Math.max(changedMs, Number(last.ctimeMs))
    return { folders, target, mark: marks.join('\n'), changedMs }
  }
  const look = (at: string) => gate.run(() => lstat(at, { bigint: true }))
  try {
    last = await look(at)
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      if (name === '..') at = dirname(at)
      if (name === '' || name === '.' || name === '..') continue
      folders.set(at, (folders.get(at) ?? new Set()).add(name))
      const next = join(at, name)
      const stats = await look(next)
      if (stats.isSymbolicLink()) {
        if ((links += 1) > maxLinks) throw Object.assign(new Error('too many links'), { code: 'ELOOP' })
        const target = await gate.run(() => readlink(next))
        marks.push(`${next} ${target} ${stats.ino}`)
        changedMs = Math.max(changedMs, Number(stats.ctimeMs))
        names.unshift(...target.split('/'))
        if (isAbsolute(target)) at = '/'
      } else {
        marks.push(`${next} ${stats.dev} ${stats.ino}`)
        at = next
        last = stats
      }
    }
    marks.push([last.mode, last.uid, last.gid, last.size, last.mtimeNs, last.ctimeNs].join(' '))
    return trail(at)
  } catch (error) {
    if (error instanceof TooSlow) throw error
    marks.push((error as NodeJS.ErrnoException).code ?? String(error))
    // What is missing may have gone since its folder was looked at: the folder is asked again when that was.
    last = await look(at).catch(() => undefined)
    if (!last) changedMs = Date.now()
    return trail()
  }
}

/** Opens new watches before it closes the old ones, so that nothing is missed in between. */
function rearm(old: readonly FSWatcher[], { folders, target }: Trail, report: () => void): FSWatcher[] {
  const open = (path: string, concerns: (name: string | null) => boolean): FSWatcher[] => {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (concerns(name)) report()
      })
      watcher.on('error', () => {
        watcher.close()
      })
      return [watcher]
    } catch {
      // No watches left, or no permission: the poll sees it later.
      return []
    }
  }
  const opened = [...folders].flatMap(([folder, names]) =>
    open(folder, (name) => name === null || names.has(name)),
  )
  if (target !== undefined) opened.push(...open(target, () => true))
  for (const watcher of old) watcher.close()
  return opened
}
