/** Who this process is to the kernel, and what it may do: /proc/self/status, by proc_pid_status(5). */
import { join } from 'node:path'
import { readText } from './kernel-files.ts'

/** Sets of capabilities(7), by name. */
export interface Capabilities {
  readonly effective: string[]
  readonly permitted: string[]
  /** What this process and its children may ever have. */
  readonly bounding: string[]
  readonly ambient: string[]
}

/** What the kernel checks, as far as the file tells it. */
export interface Credentials {
  /** The effective user. */
  readonly uid: number | null
  /** The effective group. */
  readonly gid: number | null
  /** Supplementary groups. */
  readonly groups: number[] | null
  readonly capabilities: Capabilities | null
  readonly seccomp: 'off' | 'strict' | 'filter' | null
  readonly noNewPrivileges: boolean | null
}

/**
 * Null where there is no /proc.
 * @param root the folder that has proc/
 */
export async function readCredentials(root = '/'): Promise<Credentials | null> {
  const text = await readText(join(root, 'proc/self/status'))
  if (text === null) return null
  const fields = new Map(
    [...text.matchAll(/^(\w+):[ \t]*(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const noNewPrivileges = fields.get('NoNewPrivs')
  return {
    uid: effective(fields.get('Uid')),
    gid: effective(fields.get('Gid')),
    groups: fields.get('Groups')?.split(' ').filter(Boolean).map(Number) ?? null,
    capabilities: capabilitiesIn(fields),
    seccomp: seccompModes[Number(fields.get('Seccomp') ?? -1)] ?? null,
    noNewPrivileges: noNewPrivileges === undefined ? null : noNewPrivileges === '1',
  }
}

const seccompModes = ['off', 'strict', 'filter'] as const

/** Of `real effective saved file system`. */
function effective(ids: string | undefined): number | null {
  const id = ids?.split(/\s+/)[1]
  return id === undefined ? null : Number(id)
}

function capabilitiesIn(fields: ReadonlyMap<string, string>): Capabilities | null {
  const [effective, permitted, bounding, ambient] = ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'].map((name) => {
    const mask = fields.get(name)
    return mask === undefined ? undefined : namesIn(BigInt(`0x${mask}`))
  })
  return effective && permitted && bounding && ambient ? { effective, permitted, bounding, ambient } : null
}

/** @param mask a bit for each capability */
function namesIn(mask: bigint): string[] {
  const numbers = Array.from({ length: 64 }, (_, number) => number)
  return numbers
    .filter((number) => (mask >> BigInt(number)) & 1n)
    .map((number) => `CAP_${names[number] ?? number}`)
}

/** By their numbers (linux/capability.h, unchanged since Linux 5.9). */
const names = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...[
    'LINUX_IMMUTABLE',
    'NET_BIND_SERVICE',
    'NET_BROADCAST',
    'NET_ADMIN',
    'NET_RAW',
    'IPC_LOCK',
    'IPC_OWNER',
  ],
  ...[
    'SYS_MODULE',
    'SYS_RAWIO',
    'SYS_CHROOT',
    'SYS_PTRACE',
    'SYS_PACCT',
    'SYS_ADMIN',
    'SYS_BOOT',
    'SYS_NICE',
  ],
  ...[
    'SYS_RESOURCE',
    'SYS_TIME',
    'SYS_TTY_CONFIG',
    'MKNOD',
    'LEASE',
    'AUDIT_WRITE',
    'AUDIT_CONTROL',
    'SETFCAP',
  ],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
]
