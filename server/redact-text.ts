import 'server-only'
import LinkifyIt from 'linkify-it'
import ordinary from './ordinary-words.json'

const linkify = new LinkifyIt({}, { fuzzyIP: true })

/** What sentences open with and the examples happen not to say: grammar and set phrases, nothing that names somebody. */
const openings = `above absolutely according accordingly across additionally ah almost alternatively always among anyhow apart
  apologies apparently aren't around assuming awesome basically below besides beyond bless both bye certainly
  clearly concerning congrats considering consequently cool currently definitely delighted depending despite
  doubtless eventually evidently except excellent excited excuse false firstly frankly furthermore generally
  goodbye gonna gotta granted grateful guess hadn't hasn't hence hmm hoping hurry ideally ignore indeed initially
  inside literally makes mightn't might moreover most must mustn't naturally neat needless nevertheless none
  nonetheless nope nor normally obviously often ordinarily originally otherwise overall pardon personally pleased
  possibly presumably pretty previously probably provided rarely recently regarding regardless roughly secondly
  seldom seriously several shouldn't similarly simply sincerely somebody sometimes stop strictly subsequently
  super suppose supposedly surely therefore three thus towards true truly typically ultimately understood unlike
  unluckily upon weren't whatever whenever whereas wherever whichever whoever within wouldn't wow yeah yep yup`

/** Words of the examples that ship, and openings: at the start of a sentence they are no names. */
const ordinaryWords = new Set([...ordinary.split(' '), ...openings.split(/\s+/u)])

/** Written large inside a sentence, and no names of people. */
const large = new Set(
  `I Monday Mondays Tuesday Tuesdays Wednesday Wednesdays Thursday Thursdays Friday Fridays Saturday Saturdays Sunday
  Sundays January February March April May June July August September October November December Christmas Easter
  Thanksgiving Ramadan Eid Diwali Hanukkah English German French Spanish Italian Portuguese Dutch Polish Turkish Arabic
  Chinese Japanese OK PS RSVP PDF FYI ASAP TV ID CV BBQ Mr Mrs Ms Dr Mum Mom Dad Grandma Grandpa Granny`.split(
    /\s+/u,
  ),
)

const streets =
  'street|st|road|rd|avenue|ave|lane|ln|drive|square|sq|court|ct|place|terrace|close|gardens|boulevard|blvd|crescent|row|quay'
const addresses = [
  // 12b Harbour View Road, Flat 3, and the same without a number.
  new RegExp(
    `(?:\\b\\d+\\p{L}?,? )?(?:\\p{Lu}[\\p{L}'’-]+ ){1,3}(?:${streets})\\b\\.?(?:,? (?:flat|apartment|apt|floor) \\d+\\p{L}?)?`,
    'giu',
  ),
  /\p{Lu}\p{L}+(?:straße|strasse|str\.|gasse|allee|platz|weg)(?: ?\d+\p{L}?)?/gu,
  /\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b/gu,
]

const numbers =
  /[€$£¥]?\s?\+?(?<![\p{L}\p{N}])\(?\d[\d\s().,:/–-]*(?:\d|(?<=\d))(?:\s?(?:am|pm|st|nd|rd|th|%|[€$£¥]|eur|usd|gbp|euros?|dollars?|pounds?)(?!\p{L}))?/giu
const mixed = /(?<![\p{L}\p{N}[])(?=[\p{L}\p{N}-]*\p{N})[\p{L}\p{N}][\p{L}\p{N}-]*/gu

const greeting =
  /^(\s*(?:hi|hey|hello|dear|good (?:morning|afternoon|evening)|morning|thanks|thank you|cheers|ok|okay|yes|no|sure|sorry)(?:,| )\s*)((?!(?:there|all|everyone|everybody|both|team|again|folks|you|guys|for|so|very|much|a|the|that|this|i|it|to|but|not|no|yes|please|of)\b)\p{L}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*){0,2})(?=\s*[,!.–-]|\s*$)/giu
const signOff =
  /((?:^|[\n.!?,])\s*(?:many |kind |best |warm |lots of )?(?:thanks|thank you|regards|wishes|best|cheers|love|yours|sincerely|greetings|see you|talk soon|take care|[–—-]+)[,.!]?\s+)(\p{L}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*){0,2})(\s*[.!x]*\s*)$/giu

/** What is known of the people around a text. */
export interface Surroundings {
  /** Names of those who took part; each of their words is taken out wherever it stands. */
  names: readonly string[]
}

/**
 * A text with e-mail addresses, links, addresses, numbers and names taken out, each replaced by what it was: `[name]`.
 * E-mails and links by linkify-it, the rest by rules. It rather takes out too much: a word that it does not know counts
 * as a name where it is written large. It does not find names in lower case, nicknames that are ordinary words, numbers
 * in words, or a person who is only described; a curator reads every text before it is shared by hand, and what is
 * shared without one has nothing taken out and was written by three people.
 */
export function redactText(text: string, { names }: Surroundings): string {
  let left = withoutLinks(text.normalize('NFC'))
  for (const address of addresses) left = left.replace(address, '[address]')
  left = left.replace(numbers, match => `${/^\s/u.test(match) ? ' ' : ''}[number]`)
  left = left.replace(mixed, '[number]')
  left = left.replace(/(?<!\S)@[\p{L}\p{N}_.-]+/gu, '[name]')
  left = left.replace(
    signOff,
    (_, before: string, name: string, after: string) => before + namesIn(name) + after,
  )
  left = left.replace(greeting, (_, before: string, name: string) => before + namesIn(name))
  for (const name of wordsOfNames(names))
    left = left.replace(new RegExp(`(?<![\\p{L}[])${escapeRegExp(name)}(?![\\p{L}\\]])`, 'giu'), '[name]')
  left = withoutLargeWords(left)
  return left
    .replace(/\[name\](?:[ -]\[name\])+/gu, '[name]')
    .replace(/\[number\](?: ?\[number\])+/gu, '[number]')
}

function withoutLinks(text: string): string {
  let left = ''
  let at = 0
  for (const link of linkify.match(text) ?? []) {
    left += `${text.slice(at, link.index)}${link.schema === 'mailto:' ? '[e-mail]' : '[link]'}`
    at = link.lastIndex
  }
  return left + text.slice(at)
}

/** Names that are ordinary words as well, as Will or Rose, are left to the rule on large letters. */
function wordsOfNames(names: readonly string[]): string[] {
  const words = names.flatMap(name => name.split(/[^\p{L}'’]+/u)).filter(word => word.length > 1)
  return [...new Set(words)].filter(word => !ordinaryWords.has(word.toLowerCase()))
}

/** One to three words where a name is likely: the first unless it is an ordinary word, the others where written large. */
function namesIn(words: string): string {
  const [first = '', ...rest] = words.split(' ')
  if (isOrdinary(first)) return words
  return ['[name]', ...rest.map(word => (/^\p{Lu}/u.test(word) && !isOrdinary(word) ? '[name]' : word))].join(
    ' ',
  )
}

function withoutLargeWords(text: string): string {
  return text.replace(/(?<!\[)\p{Lu}[\p{L}\p{M}'’-]*/gu, (word, at: number) => {
    if (/[\p{L}\p{N}]$/u.test(text.slice(0, at))) return word
    const bare = word.replace(/['’](?:s|m|ll|d|ve|re|t)$/iu, '')
    const tail = word.slice(bare.length)
    if (large.has(bare)) return word
    const begins = /(?:^|[.!?:;…\n][\s"“”'’)]*|["“(])\s*$/u.test(text.slice(0, at))
    if (begins && isOrdinary(word)) return word
    return `[name]${/^['’]s$/iu.test(tail) ? tail : ''}`
  })
}

function isOrdinary(word: string): boolean {
  const lower = word.toLowerCase().replace(/’/gu, "'")
  return ordinaryWords.has(lower) || ordinaryWords.has(lower.replace(/'(?:s|m|ll|d|ve|re|t)$/u, ''))
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&')
}
