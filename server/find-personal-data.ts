import 'server-only'
import { findPhoneNumbersInText } from 'libphonenumber-js/max'
import LinkifyIt from 'linkify-it'
import validator from 'validator'
import type { PersonalDataKind } from '@/domain/personal-data'

/** Changes with the rules below and with the libraries: whatever was found is logged with it. */
export const detectorVersion = 'amend-1+libphonenumber-js-1.13.16+validator-13.15.35+linkify-it-5.0.0'

/** Where something personal stands in a text: from `start` up to, not including, `end`. */
export interface PersonalDataSpan {
  start: number
  end: number
  kind: PersonalDataKind
}

/** Numbers without a country code are read as ones of these; `US` stands for all of North America. */
const regions = ['US', 'GB', 'DE', 'FR', 'ES', 'IT', 'NL', 'IN'] as const

const linkify = new LinkifyIt({}, { fuzzyLink: true, fuzzyEmail: true })

type Finder = (text: string) => PersonalDataSpan[]

const matches = (text: string, pattern: RegExp, kind: PersonalDataKind, fits = (_: string) => true) =>
  [...text.matchAll(pattern)]
    .filter(([match]) => fits(match))
    .map(match => ({ start: match.index, end: match.index + match[0].length, kind }))

const email = /[\p{L}\p{N}._%+'’-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu

const links: Finder = text =>
  (/[.:]/.test(text) ? (linkify.match(text) ?? []) : []).flatMap(
    ({ schema, index: start, lastIndex: end, url }) =>
      schema !== 'mailto:' && namesUser(url) ? [{ start, end, kind: 'url-with-user' as const }] : [],
  )

const emails: Finder = text =>
  text.includes('@')
    ? [
        ...matches(text, email, 'email'),
        ...(linkify.match(text) ?? [])
          .filter(({ schema }) => schema === 'mailto:')
          .map(({ index: start, lastIndex: end }) => ({ start, end, kind: 'email' as const })),
      ]
    : []

/** Whether an address names somebody: who signs in with it, whose page it is, or to whom it was sent. */
function namesUser(url: string): boolean {
  return (
    /^[a-z]+:\/\/[^/?#]*@/i.test(url) ||
    /\/(?:@|~)[\w.-]+/.test(url) ||
    /\/(?:in|u|user|users|people|profile|member|members|account|accounts)\/[\w.%-]+/i.test(url) ||
    /[?&](?:user|username|user_?id|uid|e?mail|email_?address|token|access_token|session|sid|phone)=[^&#\s]/i.test(
      url,
    )
  )
}

/** Written so that machines don't read it: “ines (at) example (dot) org”. */
const hiddenEmail =
  /[\p{L}\d._%+-]+\s*[[({]\s*at\s*[\])}]\s*[\p{L}\d-]+(?:\s*(?:[[({]\s*dot\s*[\])}]|\.)\s*[\p{L}\d-]+)+/giu

const ibanLike = /(?<![\p{L}\d])[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]){11,30}(?![\p{L}\d])/giu

/** A run that goes on with the next word still holds an account number: words go from its end until it is one. */
const ibans: Finder = text =>
  [...text.matchAll(ibanLike)].flatMap(match => {
    for (let run = match[0]; run.length >= 15; run = run.replace(/[ -]?[^ -]+$/u, '')) {
      if (validator.isIBAN(run.replace(/[ -]/g, '').toUpperCase()))
        return [{ start: match.index, end: match.index + run.length, kind: 'iban' as const }]
      if (!/[ -]/.test(run)) break
    }
    return []
  })

const cards: Finder = text =>
  matches(text, /(?<![\p{L}\d])\d(?:[ -]?\d){12,18}(?![\p{L}\d])/gu, 'card', run =>
    validator.isCreditCard(run.replace(/[ -]/g, '')),
  )

const addressesOfMachines: Finder = text => [
  ...matches(
    text,
    /(?<![\w.])(?<!\b(?:v|version|release|build)\s?)\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/giu,
    'ip',
    ip => validator.isIP(ip, 4),
  ),
  ...matches(text, /(?<![\w:.])[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?![\w:])/giu, 'ip', ip =>
    ip.replace(/:/g, '').length >= 4 ? validator.isIP(ip, 6) : false,
  ),
]

const socialSecurity = /(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/gu
const nationalInsurance =
  /(?<![\p{L}\d])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\p{L}\d])/gu
/** Numbers that look like any other: only where the word stands before them. */
const namedNumber =
  /(?<=\b(?:passport|pesel|steuer-?id|steuernummer|tax id|ssn|social security|national id|id card|personalausweis|driving licen[cs]e|driver'?s licen[cs]e|nhs|aadhaar)(?: (?:number|no\.?|nummer))?(?: is| ist)?:? ?#?)[A-Z\d](?:[ -]?[A-Z\d]){5,17}(?![\p{L}\d])/giu

const papers: Finder = text => [
  ...matches(text, socialSecurity, 'national-id'),
  ...matches(text, nationalInsurance, 'national-id'),
  ...matches(text, namedNumber, 'national-id', run => (run.match(/\d/g) ?? []).length >= 4),
  ...matches(text, /(?<![\p{L}\d])[XYZ\d]\d{7}-?[A-Z](?![\p{L}\d])/gu, 'national-id', id =>
    validator.isIdentityCard(id.replace('-', ''), 'ES'),
  ),
  ...matches(
    text,
    /(?<![\p{L}\d])[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?![\p{L}\d])/giu,
    'national-id',
    id => validator.isTaxID(id.toUpperCase(), 'it-IT'),
  ),
  ...matches(text, /(?<![\p{L}\d])\d{6}[-+A]\d{3}[\dA-Z](?![\p{L}\d])/gu, 'national-id', id =>
    validator.isIdentityCard(id, 'FI'),
  ),
]

const street =
  'Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Square|Sq|Court|Ct|Place|Pl|Terrace|Close|Gardens|Boulevard|Blvd|Crescent|Row|Quay|Way|Hill|Grove|Mews|Parkway|Pkwy'
const postal: readonly RegExp[] = [
  // 12b Harbour View Road, Flat 3
  new RegExp(
    `(?<![\\p{L}\\d])\\d{1,5}\\p{L}?,? (?:(?:North|South|East|West|[NSEW]\\.?) )?(?:\\p{Lu}[\\p{L}'’-]+ |\\d+(?:st|nd|rd|th) ){1,3}(?:${street}|${street.toLowerCase()})\\b\\.?(?:,? (?:[Ff]lat|[Aa]partment|[Aa]pt\\.?|[Ff]loor|[Ss]uite|[Uu]nit) ?#?\\d+\\p{L}?)?`,
    'gu',
  ),
  // Lindenstraße 7, Am Markt is not one
  /(?<!\p{L})\p{Lu}\p{L}+(?:straße|strasse|str\.|gasse|allee|platz|weg|damm|ufer) ?\d{1,4} ?[a-z]?(?![\p{L}\d])/gu,
  // 14 rue de la Paix, Calle Mayor 5, Via Roma 12
  /(?<![\p{L}\d])\d{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|impasse|allée) (?:(?:de|du|des|la|le|les|l’|l'|d’|d') ?)*\p{Lu}[\p{L}'’-]+/gu,
  /(?<!\p{L})(?:Calle|Avenida|Plaza|Via|Viale|Piazza|Corso) (?:(?:de|del|della|la|las|los|di) )*\p{Lu}[\p{L}'’-]+,? \d{1,4}(?!\d)/gu,
  // SW1A 1AA
  /(?<![\p{L}\d])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}(?![\p{L}\d])/gu,
  // Springfield, IL 62704
  /(?<!\p{L})\p{Lu}[\p{L}. ]{2,30}, [A-Z]{2} \d{5}(?:-\d{4})?(?!\d)/gu,
]
const places: Finder = text => (/\d/.test(text) ? postal.flatMap(one => matches(text, one, 'address')) : [])

const phoneWord =
  /(?:\b(?:call|ring|text|phone|tel|telephone|mobile|cell|fax|whatsapp|signal|reach|dial|number|handy|telefon|nummer|mobil|numéro|teléfono|móvil|telefono)\b[^\d\n]{0,24})$/iu

/** As people write numbers of their own country: 0…, or (212) 555-2368. */
const nationalStart = /(?:^|[\s(/])\(?(?:0\d|[2-9]\d{2}\)?[ .-]\d{3}|1[ .-])/
const nationalForm = /^(?:\(?0\d|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}|1[ .-]\(?[2-9]\d{2})/

/** Runs of digits and what people put between them; longer ones are tables. */
const numberLike = /(?<![\p{L}\d])[+(]{0,2}\d[\d\s().\-–/]{4,40}\d(?![\p{L}\d])/gu

const phones: Finder = text =>
  [...text.matchAll(numberLike)].flatMap(({ 0: run, index }) => {
    const digits = run.replace(/\D/g, '').length
    if (digits < 7 || digits > 17) return []
    const said = phoneWord.test(text.slice(Math.max(0, index - 40), index))
    if (!said && !run.includes('+') && !nationalStart.test(run)) return []
    return (run.startsWith('+') ? (['US'] as const) : regions).flatMap(region =>
      findPhoneNumbersInText(run, { defaultCountry: region, extended: true }).flatMap(
        ({ startsAt, endsAt, number }) => {
          const [start, end] = [index + startsAt, index + endsAt]
          return isPhone(text, start, end, number.isValid()) ? [{ start, end, kind: 'phone' as const }] : []
        },
      ),
    )
  })

/** Valid numbers in the form of a country, and what a word before them says to be one. */
function isPhone(text: string, start: number, end: number, valid: boolean): boolean {
  const written = text.slice(start, end)
  const digits = written.replace(/\D/g, '').length
  if (digits < 7 || /^\d{4}[-./]\d{2}[-./]\d{2}/.test(written)) return false
  if (written.startsWith('+') || phoneWord.test(text.slice(Math.max(0, start - 40), start))) return true
  return valid && nationalForm.test(written) && digits >= 9
}

/** The first that finds something at a place says what it is. */
const finders: readonly Finder[] = [
  links,
  emails,
  text => (/[[({]\s*at\s*[\])}]/i.test(text) ? matches(text, hiddenEmail, 'email') : []),
  text =>
    /\d/.test(text) ? [...ibans(text), ...cards(text), ...addressesOfMachines(text), ...papers(text)] : [],
  phones,
  places,
]

/**
 * What identifies somebody in a text, in its order, without overlaps. E-mails and links by linkify-it, phone numbers by
 * libphonenumber-js, card, account, machine and identity numbers checked by validator, postal addresses by rules.
 *
 * Names are found only where `names` says them: a detector that takes every large letter for a name would find one in
 * almost every message. How much it finds is measured in its test.
 */
export function findPersonalData(
  text: string,
  { names = [] }: { names?: readonly string[] } = {},
): PersonalDataSpan[] {
  const kept: PersonalDataSpan[] = []
  for (const find of [...finders, findNames(names)])
    for (const span of find(text).sort((a, b) => a.start - b.start || b.end - a.end))
      if (!kept.some(one => span.start < one.end && one.start < span.end)) kept.push(span)
  return kept.sort((a, b) => a.start - b.start)
}

const findNames =
  (names: readonly string[]): Finder =>
  text =>
    names
      .filter(name => name.trim().length > 1)
      .sort((a, b) => b.length - a.length)
      .flatMap(name =>
        matches(
          text,
          new RegExp(
            `(?<![\\p{L}\\d])${name.trim().replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&')}(?![\\p{L}\\d])`,
            'giu',
          ),
          'name',
        ),
      )

/** The same text with each finding replaced by what it was, as `[phone]`, and which kinds there were. */
export function redactPersonalData(
  text: string,
  known: { names?: readonly string[] } = {},
): { text: string; kinds: PersonalDataKind[] } {
  const spans = findPersonalData(text, known)
  let left = ''
  let at = 0
  for (const { start, end, kind } of spans) {
    left += `${text.slice(at, start)}[${kind}]`
    at = end
  }
  return { text: left + text.slice(at), kinds: [...new Set(spans.map(span => span.kind))].sort() }
}
