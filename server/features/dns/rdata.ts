/** The content of records as zone files write it (RFC 1035, section 5, and the RFC of each type). */
import type {
  CaaData,
  DnskeyData,
  DsData,
  HInfoData,
  MxData,
  NaptrData,
  Nsec3Data,
  NsecData,
  RpData,
  RrsigData,
  SoaData,
  SrvData,
  SshfpData,
  TlsaData,
} from 'dns-packet'
import type { ContentRecord } from './message.ts'
import { rawForm } from './raw-rdata.ts'
import { typeForm } from './types.ts'
import { base32Form, hexForm, nameForm, textForm, timeForm, wordForm } from './zone-text.ts'

type Content = ContentRecord['data']

/** One line, without name, type or time to live. */
export function contentForm({ type, data }: ContentRecord): string {
  // The library gives the content in the shape that belongs to the type.
  const form = (forms as Partial<Record<string, (content: Content) => string>>)[type]
  return form ? form(data) : rawForm(typeForm(type), data as Buffer)
}

const fields = (...values: readonly (string | number | undefined)[]): string => values.join(' ')

/** The content of each type that the library takes apart. */
const forms = {
  A: (address: string) => address,
  AAAA: (address: string) => address,
  CNAME: nameForm,
  DNAME: nameForm,
  NS: nameForm,
  PTR: nameForm,
  TXT: (texts: Buffer[]) => texts.map(textForm).join(' '),
  HINFO: ({ cpu, os }: HInfoData) => `${textForm(cpu)} ${textForm(os)}`,
  MX: ({ preference, exchange }: MxData) => fields(preference, nameForm(exchange)),
  RP: ({ mbox, txt }: RpData) => fields(nameForm(mbox), nameForm(txt)),
  SRV: ({ priority, weight, port, target }: SrvData) => fields(priority, weight, port, nameForm(target)),
  SOA: ({ mname, rname, serial, refresh, retry, expire, minimum }: SoaData) =>
    fields(nameForm(mname), nameForm(rname), serial, refresh, retry, expire, minimum),
  CAA: ({ flags, tag, value }: CaaData) => fields(flags, wordForm(tag), textForm(value)),
  NAPTR: ({ order, preference, flags, services, regexp, replacement }: NaptrData) =>
    fields(order, preference, textForm(flags), textForm(services), textForm(regexp), nameForm(replacement)),
  SSHFP: ({ algorithm, hash, fingerprint }: SshfpData) => fields(algorithm, hash, fingerprint),
  TLSA: ({ usage, selector, matchingType, certificate }: TlsaData) =>
    fields(usage, selector, matchingType, hexForm(certificate)),
  DS: ({ keyTag, algorithm, digestType, digest }: DsData) =>
    fields(keyTag, algorithm, digestType, hexForm(digest)),
  // The protocol is always 3 (RFC 4034, section 2.1.2).
  DNSKEY: ({ flags, algorithm, key }: DnskeyData) => fields(flags, 3, algorithm, key.toString('base64')),
  RRSIG: (signature: RrsigData) =>
    [
      typeForm(signature.typeCovered),
      signature.algorithm,
      signature.labels,
      signature.originalTTL,
      timeForm(signature.expiration),
      timeForm(signature.inception),
      signature.keyTag,
      nameForm(signature.signersName),
      signature.signature.toString('base64'),
    ].join(' '),
  NSEC: ({ nextDomain, rrtypes }: NsecData) => fields(nameForm(nextDomain), ...rrtypes.map(typeForm)),
  NSEC3: ({ algorithm, flags, iterations, salt, nextDomain, rrtypes }: Nsec3Data) =>
    fields(
      algorithm,
      flags,
      iterations,
      hexForm(salt) || '-',
      base32Form(nextDomain),
      ...rrtypes.map(typeForm),
    ),
} satisfies Record<string, (content: never) => string>
