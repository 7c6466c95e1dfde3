/** Record types, classes and statuses by name and by number (IANA’s registry of DNS parameters). */

/** Each after its number. */
const numbered = `1 A 2 NS 5 CNAME 6 SOA 10 NULL 12 PTR 13 HINFO 15 MX 16 TXT 17 RP 18 AFSDB 19 X25 20 ISDN 21 RT 24 SIG 25 KEY
  26 PX 27 GPOS 28 AAAA 29 LOC 33 SRV 35 NAPTR 36 KX 37 CERT 39 DNAME 41 OPT 42 APL 43 DS 44 SSHFP 45 IPSECKEY 46 RRSIG 47 NSEC
  48 DNSKEY 49 DHCID 50 NSEC3 51 NSEC3PARAM 52 TLSA 53 SMIMEA 55 HIP 56 NINFO 57 RKEY 58 TALINK 59 CDS 60 CDNSKEY 61 OPENPGPKEY
  62 CSYNC 63 ZONEMD 64 SVCB 65 HTTPS 99 SPF 104 NID 105 L32 106 L64 107 LP 108 EUI48 109 EUI64 249 TKEY 250 TSIG 251 IXFR
  252 AXFR 255 ANY 256 URI 257 CAA 258 AVC 260 AMTRELAY 261 RESINFO 262 WALLET 32768 TA 32769 DLV`

const names = new Map(
  Array.from(numbered.matchAll(/(\d+) (\w+)/g), ([, number, name = '']) => [Number(number), name]),
)
const numbers = new Map(Array.from(names, ([number, name]) => [name, number]))

/**
 * @param name of a record type, in any case, or `TYPE65` for the one of that number (RFC 3597, section 5)
 * @returns its number, or undefined when there is none
 */
export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase()
  const number = numbers.get(upper) ?? Number(/^TYPE(\d{1,5})$/.exec(upper)?.[1] ?? 0)
  return number === 0 || number > 0xffff ? undefined : number
}

/** The name of a type; `TYPE731` for one that has none here. */
export const typeName = (number: number): string => names.get(number) ?? `TYPE${number}`

const classes: Partial<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' }

/** The name of a class; `CLASS731` for one that has none. */
export const className = (number: number): string => classes[number] ?? `CLASS${number}`

const statuses =
  'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(' ')
/** Those that OPT’s upper bits make. */
const furtherStatuses: Partial<Record<number, string>> = { 16: 'BADVERS', 23: 'BADCOOKIE' }

/** The name of a status; `RCODE_12` for one that has none. */
export const statusName = (number: number): string =>
  statuses[number] ?? furtherStatuses[number] ?? `RCODE_${number}`

const opcodes = ['QUERY', 'IQUERY', 'STATUS', 'OPCODE_3', 'NOTIFY', 'UPDATE', 'DSO']

/** The name of what a message is about; `OPCODE_9` for one that has none. */
export const opcodeName = (number: number): string => opcodes[number] ?? `OPCODE_${number}`
