/** Why something isn't known: the server tells null, and these are the reasons that there can be. */

export const why = {
  process: 'the system has no /proc/self/status that can be read here',
  appArmor: 'no AppArmor here, or it doesn’t say',
  seLinux: 'no SELinux here, or it doesn’t say',
  namespaces: 'the namespaces of /proc/1 and of this process can’t be compared here',
  mounts: 'the system has no /proc/self/mountinfo that can be read here',
  root: 'the mounts can’t be seen here',
  group: 'no control group can be read here, or it is the machine’s own, which counts nothing',
  request: 'no weight or shares of this container are seen here',
  files: 'the system has no /proc/self/limits that can be read here',
  huge: 'no control group of huge pages can be read here',
  processes: 'the system has no /proc that shows processes',
  sockets: 'the system has no /proc/net that can be read here',
  shares: 'which containers the processes belong to can’t be told from their control groups',
  hosts: '/etc/hosts can’t be read',
  token: 'which files are mounted can’t be seen here',
  node: 'neither a variable, a mounted file nor a token says so',
  claim: 'the token doesn’t say',
} as const
