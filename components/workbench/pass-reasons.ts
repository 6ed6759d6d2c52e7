/** Why an item is passed on, by what is done with it. Codes are stored, words are shown. */
export const passReasons = {
  skipped: [
    { code: 'cannot-tell', words: 'Cannot tell' },
    { code: 'other-language', words: 'A language I don’t read' },
    { code: 'needs-expert', words: 'Needs someone who knows it' },
    { code: 'upsetting', words: 'I would rather not' },
  ],
  flagged: [
    { code: 'broken', words: 'Broken or empty' },
    { code: 'personal-data', words: 'Personal data' },
    { code: 'harmful', words: 'Harmful' },
    { code: 'duplicate', words: 'Seen before' },
  ],
} as const

/** A reason in words; a code from elsewhere is told as it is. */
export function passWords(code: string): string {
  const known = [...passReasons.skipped, ...passReasons.flagged].find(reason => reason.code === code)
  return known?.words ?? code.replaceAll('-', ' ')
}
