import { expect, it } from 'vitest'
import { ageInWords } from './relative-time'

it.each([
  [0, 'now'],
  [44, 'now'],
  [46, '1 min'],
  [3 * 60, '3 min'],
  [59 * 60, '59 min'],
  [60 * 60, '1 h'],
  [26 * 3600, '1 d'],
  [6 * 86400, '6 d'],
  [8 * 86400, null],
  [-30, 'now'],
])('%i seconds ago reads %s', (seconds, words) => {
  const now = Date.UTC(2026, 9, 14, 12)
  expect(ageInWords(now - seconds * 1000, now)).toBe(words)
})
