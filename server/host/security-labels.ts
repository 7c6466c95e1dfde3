/** What the kernel's security modules call this process: apparmor(7), selinux(8). */
import { join } from 'node:path'
import { readText } from './kernel-files.ts'

/** The labels; null for a module that isn't on, or doesn't tell. */
export interface SecurityLabels {
  /** The profile and its mode, such as `cri-containerd.apparmor.d (enforce)`, or `unconfined`. */
  readonly appArmor: string | null
  /** `user:role:type:level` */
  readonly seLinux: string | null
}

/**
 * Reads them; both may be on (Linux 5.1, since when each has a folder of its own).
 * @param root the folder that has proc/
 */
export async function readSecurityLabels(root = '/'): Promise<SecurityLabels> {
  const [own, shared] = await Promise.all(
    ['apparmor/current', 'current'].map((name) => readText(join(root, 'proc/self/attr', name))),
  )
  const label = withoutEnd(shared ?? '')
  const isSeLinux = /^[^:\s]+:[^:\s]+:[^:\s]+(:\S+)?$/.test(label)
  const isAppArmor = label === 'unconfined' || / \((enforce|complain|kill|mixed|prompt)\)$/.test(label)
  return {
    appArmor: withoutEnd(own ?? '') || (isAppArmor ? label : null),
    seLinux: isSeLinux ? label : null,
  }
}

/** SELinux ends its label as C does. */
const withoutEnd = (label: string): string => label.replace(/\0.*/s, '').trim()
