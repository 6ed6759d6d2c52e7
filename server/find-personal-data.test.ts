import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { PersonalDataKind } from '@/domain/personal-data'
import { detectorVersion, findPersonalData, redactPersonalData } from './find-personal-data'

/** Written by hand, what is personal between «…»; none of it is anybody's. */
const seeded: Record<Exclude<PersonalDataKind, 'name'>, readonly string[]> = {
  email: [
    'Write to «ines.costa@example.org» or to me.',
    'My address is «j+lists@mail.example.co.uk».',
    'cc: «TUNDE_OKAFOR@EXAMPLE.COM»',
    'You can mail me at «mira.kovač@example.hr».',
    'Contact <«support-team@sub.example.museum»> please',
    'that is «ines (at) example (dot) org» without spam',
    'or «leila [at] example.org»',
    'mailto:«x@example.io»',
    'Send it to «a.b.c.d@example.net», thanks',
    '“«o’neil@example.org»” is what she wrote',
  ],
  phone: [
    'Call me on «+44 20 7946 0958».',
    'Call me on «(212) 555-2368» please.',
    'ring «020 7946 0958» after six',
    'My mobile is «07700 900123».',
    '«+49 171 1234567» is my new one',
    'Nummer: «0171 1234567»',
    'tel «06 12 34 56 78»',
    'It is «415-555-2671», ask for Jo',
    'text «4155552671» when you are there',
    'WhatsApp: «+91 98765 43210»',
    'reach us at «1-800-555-0199»',
    'fax «030/1234567»',
    '+1 is the code; «+1 (415) 555-2671» the number',
    'my extension is 12, so «+33 1 42 68 53 00»',
    'five five five oh one nine nine, I said «555 0199»',
  ],
  card: [
    'Pay with «4111 1111 1111 1111».',
    'card «5500-0000-0000-0004» exp 12/29',
    'amex «378282246310005»',
    '«6011000990139424» is the other',
    'the 16 digits are «4012 8888 8888 1881», CVV 123',
  ],
  iban: [
    'My IBAN is «GB82 WEST 1234 5698 7654 32».',
    '«DE89370400440532013000» please',
    'send it to «FR14 2004 1010 0505 0001 3M02 606» and tell me',
    'Konto: «de89 3704 0044 0532 0130 00»',
    '«NL91ABNA0417164300»',
  ],
  ip: [
    'from «192.168.10.24» at noon',
    'it answered «203.0.113.7»:8080',
    'host «2001:db8::8a2e:370:7334»',
    'ping «fe80::1ff:fe23:4567:890a»',
    'the log says «198.51.100.23».',
  ],
  'url-with-user': [
    'look at «https://ines:secret@example.org/files»',
    'my page: «https://www.linkedin.com/in/ines-costa»',
    '«https://example.org/~tokafor»',
    '«https://social.example/@mira»',
    'confirm by «https://example.com/a?email=x%40example.org&n=1»',
    'at «example.com/users/8812» as always',
  ],
  address: [
    'Come to «12b Harbour View Road» at noon.',
    'We live at «221B Baker Street» now.',
    'It is «1600 Pennsylvania Avenue»',
    'We live in the «Lindenstraße 7».',
    'Our code is «SW1A 1AA».',
    'ship to «Springfield, IL 62704»',
    '«14 rue de la Paix» in Paris',
    'nos vemos en «Calle Mayor 5»',
    'the office, «350 West 34th Street, Suite 12», second door',
    'my flat in green lane, «number 7»',
  ],
  'national-id': [
    'SSN «219-09-9999»',
    'my NI number is «AB 12 34 56 C».',
    'DNI «12345678Z»',
    'codice fiscale «RSSMRA85T10A562S»',
    'passport number «X1234567»',
    'PESEL: «44051401359»',
    'driving licence «MORGA 657054 SM9IJ» was lost',
    'her number «131052-308T»',
  ],
}

/** Numbers and places that are nobody's. */
const clean = [
  'Meet at 3:30 on 12/05/2024.',
  'Order 123456789 has shipped.',
  'Invoice 20231105-4432 is due.',
  'It costs €1,250.00 in all.',
  'Ids 1234567890 and 2023 2024 2025.',
  'Room 1204, from 10:00 to 11:30.',
  'We use version 10.2.3.4 of it.',
  'See https://example.org/docs/start?page=2.',
  'Tracking 1Z 999 AA1 01 2345 6784',
  'The main street was closed.',
  'Take the second road on the left.',
  'Numbers 1, 2, 3, 4, 5, 6, 7 and 8.',
  'From 2024-11-05 to 2024-12-05.',
  'The score was 21-19, 18-21, 21-17.',
  'ISBN 978-3-16-148410-0',
  'Coordinates 52.5200, 13.4050',
  'It has 1,000,000 rows and 12,345,678 cells.',
  'Reference AB12-XY9 and ticket #88123',
  'Chapter 12 Court reports',
  '@team please look',
  'sha 9f86d081884c7d65 at 12:30:15',
  'Flight BA2490 leaves at 18:05 from gate B32.',
  '16 digits such as 4111 1111 1111 1112 are no card.',
  'GB83 WEST 1234 5698 7654 32 fails its check.',
  'The ratio is 16:9, later 4:3:2.',
  'Bake at 180 for 45 minutes, serves 4.',
  '5000 metres in 13:14.21',
  '2024.11.05 was a Tuesday',
  'Call me in 15 minutes.',
  'Phase 2 Drive tests start.',
]

function read(marked: string) {
  const start = marked.indexOf('«')
  const end = marked.indexOf('»') - 1
  return { text: marked.replace(/[«»]/g, ''), start, end }
}

/** What is found of what was seeded: kind right and most of it covered. */
function recallOf(kind: Exclude<PersonalDataKind, 'name'>) {
  const missed = seeded[kind].filter(marked => {
    const { text, start, end } = read(marked)
    return !findPersonalData(text).some(
      span =>
        span.kind === kind && Math.min(span.end, end) - Math.max(span.start, start) >= 0.8 * (end - start),
    )
  })
  return { found: seeded[kind].length - missed.length, of: seeded[kind].length, missed }
}

it.each([
  ['email', 10, 10],
  ['phone', 14, 15],
  ['card', 5, 5],
  ['iban', 5, 5],
  ['ip', 5, 5],
  ['url-with-user', 6, 6],
  ['address', 9, 10],
  ['national-id', 8, 8],
] as const)('finds %s: %i of %i that were seeded', (kind, found, of) => {
  const { missed, ...recall } = recallOf(kind)
  expect(recall, missed.join('\n')).toEqual({ found, of })
})

it('takes one of 30 texts with other numbers for personal data', () => {
  expect(clean.flatMap(text => findPersonalData(text).map(span => [text, span.kind]))).toEqual([
    ['Tracking 1Z 999 AA1 01 2345 6784', 'phone'],
  ])
})

it('finds nothing in the replies that ship, which were written without people in them', () => {
  const replies = readFileSync('models/smart-reply/pairs.txt', 'utf8')
    .split('\n')
    .filter(line => /^(?:agree|decline|ask-back|inform|thank|greet): /u.test(line))
  expect(replies.length).toBeGreaterThan(700)
  expect(replies.filter(reply => findPersonalData(reply).length > 0)).toEqual([])
})

it('takes out what it finds, and names that it is told', () => {
  expect(
    redactPersonalData('Jo here: call +44 20 7946 0958 or write to jo@example.org. Jo', { names: ['Jo'] }),
  ).toEqual({
    text: '[name] here: call [phone] or write to [email]. [name]',
    kinds: ['email', 'name', 'phone'],
  })
  expect(redactPersonalData('Nothing here, jovial one.', { names: ['Jo'] })).toEqual({
    text: 'Nothing here, jovial one.',
    kinds: [],
  })
})

it('is not slowed down by texts that are made to', () => {
  for (const text of [
    '1 '.repeat(10_000),
    'a@'.repeat(10_000),
    '1:'.repeat(10_000),
    '020 7946 0958, '.repeat(500),
    'A1'.repeat(10_000),
    '('.repeat(20_000),
    'Aa '.repeat(7000),
  ]) {
    const from = performance.now()
    findPersonalData(text)
    expect(performance.now() - from, text.slice(0, 4)).toBeLessThan(2000)
  }
})

it('says which versions it is made of', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const name of ['libphonenumber-js', 'validator', 'linkify-it'])
    expect(detectorVersion).toContain(`${name}-${dependencies[name]}`)
})
