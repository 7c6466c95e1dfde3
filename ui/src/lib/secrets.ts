/** Which values are not for a whole room to read. */

/** What a name with a secret behind it has among its words. */
const words = new Set(
  [
    'password passwords passwd passphrase pass pwd secret secrets token tokens jwt bearer key keys apikey',
    'credential credentials cred creds private auth authorization salt signature cookie',
  ].flatMap((line) => line.split(' ')),
)

/** The shell's own, where "working directory" is meant. */
const directories = new Set(['PWD', 'OLDPWD'])

/** `scheme://user:password@`; the password may hold anything but white space. */
const passwordInUrl = /:\/\/[^\s/?#:]*:\S*@/

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** The words of `DB_PASSWORD`, `db-password`, `db.password` and `dbPassword`, in small letters. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)

/** Whether a variable's value is veiled until it is asked for. */
export const isSecret = (name: string, value: string): boolean =>
  value !== '' &&
  ((!directories.has(name) && wordsOf(name).some((word) => words.has(word))) ||
    passwordInUrl.test(value) ||
    privateKey.test(value))
