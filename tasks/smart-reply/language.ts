import { detectAll } from 'tinyld'

const nonLatinScripts: readonly [RegExp, string][] = [
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Hiragana}|\p{Script=Katakana}/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Thai}/u, 'th'],
]

// Statistics of letter groups misjudge short texts; words that only English uses don't.
const english = new Set(
  `the and you your yours i i'm i'll i've i'd we we're we'll they he she it's is are was were be been am do does did don't didn't
  doesn't have has had can can't could couldn't will won't would wouldn't should shall may might must not this that these those there
  here what when where which who why how of for from with without at by about into over after before again please thanks thank hello hi
  hey okay ok yes sorry good great morning afternoon evening night tomorrow today yesterday tonight week weekend month monday tuesday
  wednesday thursday friday saturday sunday meeting call me my mine us our ours him her his them their if so but or because then than
  just still already yet very much many more some any all both each to a an on in it let's let know see send get got make take want need
  like love looking forward happy birthday congratulations welcome soon late later early free busy work home time day back up out off
  new next last first one two three works sounds fine perfect sure really bring coming come going go ready done help`
    .split(/\s+/)
    .filter(Boolean),
)

/**
 * ISO 639-1 code of a text's language, or null when it is too short to tell. A foreign script decides at any length; in
 * Latin script a text is foreign only when few of its words are common English ones and letter statistics agree.
 */
export function languageOf(text: string, declared?: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters === 0) return null
  for (const [script, code] of nonLatinScripts) {
    const count = text.match(new RegExp(script, 'gu'))?.length ?? 0
    if (count / letters > 0.3) return foreignDeclared(declared) ?? code
  }
  const words =
    text
      .toLowerCase()
      .replace(/[’‘]/g, "'")
      .match(/[\p{L}\p{M}']+/gu) ?? []
  const englishShare = words.filter(word => english.has(word)).length / words.length
  if (foreignDeclared(declared) !== null && englishShare < 0.5) return foreignDeclared(declared)
  if (englishShare >= 0.3) return 'en'
  if (words.length < 3) return null
  const ranked = detectAll(text.slice(0, 2000))
  const best = ranked[0]
  if (!best || best.lang === 'en') return 'en'
  const asEnglish = ranked.find(entry => entry.lang === 'en')?.accuracy ?? 0
  if (words.length < 5 && englishShare > 0) return null
  return best.accuracy > asEnglish + 0.1 ? best.lang : null
}

function foreignDeclared(declared: string | undefined): string | null {
  const primary = declared?.toLowerCase().split('-')[0] ?? ''
  return /^[a-z]{2}$/.test(primary) && primary !== 'en' ? primary : null
}

/** A language's English name. */
export function languageName(code: string): string {
  return new Intl.DisplayNames('en', { type: 'language', fallback: 'code' }).of(code) ?? code
}
